import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { join } from 'node:path'
import { engines, startEngine } from '../docker/engine.ts'
import { shell, writeGatedContext } from '../gate/vulnerable-image.ts'
import { untilScanned } from '../support/artifacts.ts'
import { startBreakwater } from '../support/breakwater.ts'
import { runCommand } from '../support/command.ts'
import type { Scenario } from '../support/scenario.ts'
import { databaseMissing, freshDatabase, untilDatabase } from '../support/vulnerability-database.ts'
import { at, guideCommands } from './commands.ts'
import { createCurl } from './curl.ts'

const [engine, older] = engines

/** The gate of step 4, made by the calls that are printed there, and the guide's third validation with docker. */
export const guideGate: Scenario = {
  name: 'guide/gate',
  tools: ['curl', ...engines.flatMap(({ tools }) => tools), shell],
  needsRoot: true,
  unavailable: databaseMissing,
  async run({ folder, use, check, note }) {
    if (!engine || !older) throw new Error('an engine is missing')
    const database = await freshDatabase(join(folder, 'database'))
    const settings = { BREAKWATER_VULNDB_SOURCE: `file:${database}` }
    const server = use(await startBreakwater({ dataFolder: join(folder, 'data'), settings }))
    await untilDatabase(server)
    const curl = createCurl(server, folder)
    const [project, ...gate] = guideCommands('4. Create', '5. Push').slice(0, 4)
    await check('g4-projects the gate of the guide is made', async () => {
      deepStrictEqual(await curl(project), { body: '', status: '201' })
      strictEqual(gate.length, 3)
      for (const command of gate) deepStrictEqual(await curl(command), { body: '', status: '200' })
    })

    // What an engine has built it need not fetch, so another one pulls.
    const docker = use(await startEngine(engine, join(folder, 'builder')))
    const node = use(await startEngine(engine, join(folder, 'node')))
    const oldNode = use(await startEngine(older, join(folder, 'old-node')))
    for (const one of [docker, node, oldNode]) await one.login(server.host, server.admin)
    const push = async (tag: string, library: 'vulnerable' | 'fixed') => {
      const context = join(folder, tag)
      const { message } = writeGatedContext(context, library)
      const image = `${server.host}/production/payments-api:${tag}`
      await docker.run('build', '-t', image, context)
      await docker.run('push', image)
      return message
    }
    const [validation] = guideCommands('# 3. A vulnerable', '# 4. Verify', ['docker'])
    const pull = (tag: string, from = node) => {
      const env = { ...from.environment, VULN_SHA: tag }
      return runCommand('bash', ['-c', at(server.host, validation)], { env })
    }
    await check('v3 docker pull of a vulnerable image is refused, at once and after the scan', async () => {
      await push('vulnerable', 'vulnerable')
      const atOnce = await pull('vulnerable')
      await untilScanned(server, { project: 'production', repository: 'payments-api', reference: 'vulnerable' })
      for (const { status, text } of [atOnce, await pull('vulnerable')]) {
        note(text.trim())
        strictEqual(status, 1)
        match(text, /current image with 1 critical vulnerability cannot be pulled/)
        match(text, /severity of "High" or higher/)
      }
    })
    await check("v3 Debian's docker prints what the guide prints", async () => {
      const { status, text } = await pull('vulnerable', oldNode)
      note(text.trim())
      strictEqual(status, 1)
      match(text, /denied: current image with 1 critical vulnerability cannot be pulled/)
    })
    await check('v1 the image with the fixed library is pulled and runs', async () => {
      const message = await push('fixed', 'fixed')
      const { status, text } = await pull('fixed')
      strictEqual(status, 0, text)
      strictEqual(await node.run('run', '--rm', `${server.host}/production/payments-api:fixed`), message)
    })
    await check('the same vulnerable image is pulled from a project without a gate', async () => {
      const context = join(folder, 'library')
      const { message } = writeGatedContext(context, 'vulnerable')
      const image = `${server.host}/library/payments-api:1`
      await docker.run('build', '-t', image, context)
      await docker.run('push', image)
      strictEqual(await node.run('run', '--rm', image), message)
    })
  },
}
