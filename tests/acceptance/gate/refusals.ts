import { match, ok, strictEqual } from 'node:assert/strict'
import { join } from 'node:path'
import { engines, startEngine } from '../docker/engine.ts'
import { createProject } from '../support/accounts.ts'
import { untilScanned } from '../support/artifacts.ts'
import { startBreakwater } from '../support/breakwater.ts'
import { send } from '../support/http.ts'
import type { Scenario } from '../support/scenario.ts'
import { databaseMissing, freshDatabase, untilDatabase } from '../support/vulnerability-database.ts'
import { documentedComplaints, normalized } from './documented-complaints.ts'
import { pullClients } from './pull-clients.ts'
import { shell, writeGatedContext } from './vulnerable-image.ts'

const [engine] = engines
const sentence = /current image with 1 critical vulnerability cannot be pulled/

/** What a person reads when the gate refuses a pull, in every client; the reference page says the same. */
export const gateRefusals: Scenario = {
  name: 'gate/refusals',
  tools: [...new Set(pullClients.flatMap(({ tools }) => tools)), shell],
  needsRoot: true,
  unavailable: databaseMissing,
  async run(stage) {
    if (!engine) throw new Error('there is no engine')
    const { folder, use, check, note } = stage
    const database = await freshDatabase(join(folder, 'database'))
    const settings = { BREAKWATER_VULNDB_SOURCE: `file:${database}` }
    const server = use(await startBreakwater({ dataFolder: join(folder, 'data'), settings }))
    await untilDatabase(server)
    await createProject(server, 'production')
    for (const [key, value] of [
      ['prevent_vul', 'true'],
      ['severity', 'high'],
    ] as const) {
      const url = `${server.url}/api/v2.0/projects/production/metadatas/${key}`
      const reply = await send(url, { method: 'PUT', account: server.admin, body: { [key]: value } })
      strictEqual(reply.status, 200, reply.body)
    }
    const pusher = use(await startEngine(engine, join(folder, 'pusher')))
    await pusher.login(server.host, server.admin)
    const image = `${server.host}/production/payments-api:1`
    const context = join(folder, 'context')
    writeGatedContext(context, 'vulnerable')
    await pusher.run('build', '-t', image, context)
    await pusher.run('push', image)
    await untilScanned(server, { project: 'production', repository: 'payments-api', reference: '1' })

    const documented = documentedComplaints()
    for (const { name, prepare } of pullClients) {
      await check(name, async () => {
        const pull = await prepare(stage, server.host, server.admin)
        const complaint = normalized(await pull(image), server.host)
        note(complaint)
        if (name !== 'ctr images pull') match(complaint, sentence)
        strictEqual(complaint, documented.get(name), 'docs/reference/refusals.md has another sentence')
      })
    }
    await check('the page has no client that is not tried', () => {
      const tried = new Set(pullClients.map(({ name }) => name))
      for (const name of documented.keys()) ok(tried.has(name), `${name} is not tried`)
    })
  },
}
