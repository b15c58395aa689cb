import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toolsFolder } from '../support/environment.ts'
import type { Scenario } from '../support/scenario.ts'
import { checkOperations } from './operations.ts'

const source = fileURLToPath(new URL('python-client', import.meta.url))
const environment = join(toolsFolder, 'harborapi')

/** The Python package harborapi, which validates each answer with its models of Harbor's. */
export const harborPythonClient: Scenario = {
  name: 'harbor-sdk/python-client',
  tools: [],
  needsRoot: false,
  async run(stage) {
    expectPins()
    // -B: no compiled files in the checkout.
    const args = ['-B', join(source, 'main.py')]
    await checkOperations(stage, 'python-client', { file: join(environment, 'bin/python'), args })
  },
}

function expectPins(): void {
  const wanted = readFileSync(join(source, 'requirements.txt'), 'utf8')
  if (pinsOf(environment) === wanted) return
  throw new Error(`harborapi is not in ${environment}, or is another version: run tests/acceptance/harbor-sdk/install`)
}

function pinsOf(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, 'requirements.txt'), 'utf8')
  } catch {
    return undefined
  }
}
