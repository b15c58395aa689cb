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

const [current, debian] = engines

/** What a person reads when the gate refuses a pull, in every client; the reference page says the same. */
export const gateRefusals: Scenario = {
  name: 'gate/refusals',
  tools: [...new Set(pullClients.flatMap(({ tools }) => tools)), shell],
  needsRoot: true,
  unavailable: databaseMissing,
  async run(stage) {
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
    const repository = `${server.host}/production/payments-api`
    for (const [tag, builder] of Object.entries({ index: current, manifest: debian })) {
      if (!builder) throw new Error('an engine is missing')
      const pusher = use(await startEngine(builder, join(folder, `${tag}-builder`)))
      await pusher.login(server.host, server.admin)
      const context = join(folder, tag)
      writeGatedContext(context, 'vulnerable')
      await pusher.run('build', '-t', `${repository}:${tag}`, context)
      await pusher.run('push', `${repository}:${tag}`)
      await untilScanned(server, { project: 'production', repository: 'payments-api', reference: tag })
    }

    const documented = documentedComplaints()
    for (const { name, prepare } of pullClients) {
      const pull = await prepare(stage, server.host, server.admin)
      for (const tag of ['index', 'manifest'] as const) {
        await check(`${name}, ${tag}`, async () => {
          const complaint = normalized(await pull(`${repository}:${tag}`), server.host)
          note(complaint)
          if (name !== 'ctr images pull') match(complaint, /SENTENCE/)
          strictEqual(complaint, documented.get(name)?.[tag], 'docs/reference/refusals.md has another text')
        })
      }
    }
    await check('the page has no client that is not tried', () => {
      const tried = new Set(pullClients.map(({ name }) => name))
      for (const name of documented.keys()) ok(tried.has(name), `${name} is not tried`)
    })
  },
}
