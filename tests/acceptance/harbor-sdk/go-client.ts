import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from '../support/command.ts'
import type { Scenario } from '../support/scenario.ts'
import { checkOperations } from './operations.ts'

const source = fileURLToPath(new URL('go-client', import.meta.url))

/** Harbor's own Go SDK, which fails on any status that Harbor does not declare. */
export const harborGoClient: Scenario = {
  name: 'harbor-sdk/go-client',
  tools: ['go'],
  needsRoot: false,
  async run(stage) {
    const file = join(stage.folder, 'harbor-go-client')
    await build(file)
    await checkOperations(stage, 'go-client', { file, args: [] })
  },
}

/** From the caches of Go alone, so that a test never waits for a registry. */
async function build(file: string): Promise<void> {
  const { status, text } = await runCommand('go', ['build', '-buildvcs=false', '-o', file, '.'], {
    cwd: source,
    env: { GOPROXY: 'off' },
    timeoutMs: 300_000,
  })
  if (status === 0) return
  throw new Error(`the program cannot be built; run tests/acceptance/harbor-sdk/install first: ${text.trim()}`)
}
