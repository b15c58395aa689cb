import { ok } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { startEmbedded } from '../../../server/src/metadata/embedded/index.ts'
import { newAdmin, startBreakwater } from '../support/breakwater.ts'
import { startRoundRobin } from '../support/round-robin.ts'
import type { Stage } from '../support/scenario.ts'
import { checkConformance } from './suite.ts'

/**
 * Two servers on one database and one store, which `store` are the settings of. Each request may meet the other one
 * than the request before it.
 */
export async function checkOnReplicas(stage: Stage, store: Readonly<Record<string, string>>): Promise<void> {
  const database = stage.use(await startEmbedded({ dataDir: join(stage.folder, 'postgres'), log: () => undefined }))
  const { host, port, user, database: name } = database.connection
  const shared = {
    admin: newAdmin(),
    settings: {
      BREAKWATER_DATABASE_URL: `postgresql://${user}@/${name}?host=${encodeURIComponent(host)}&port=${port}`,
      BREAKWATER_SECRET_KEY: randomBytes(32).toString('hex'),
      ...store,
    },
  }
  // At the same time, so that both find the database empty; both have settled before one can fail the scenario.
  const starts = ['first', 'second'].map(async (process) =>
    stage.use(await startBreakwater({ ...shared, dataFolder: join(stage.folder, process) })),
  )
  await Promise.allSettled(starts)
  const servers = await Promise.all(starts)
  const [first] = servers
  if (!first) throw new Error('no server was started')
  const proxy = stage.use(await startRoundRobin(servers.map((server) => server.host)))
  await checkConformance(stage, first, proxy.host)
  await stage.check('each process answered half of the requests', () => {
    const [one = 0, other = 0] = proxy.counts
    ok(one > 500 && Math.abs(one - other) <= 1, `${one} and ${other} requests`)
  })
}
