import type { Config } from './config/index.ts'
import { createReadiness, type HttpServer, listenForMetrics, registerHealth } from './http/index.ts'
import { measureQueues, queues } from './jobs/index.ts'
import type { Database } from './metadata/index.ts'
import { createGathering, type Logger, type Metrics } from './observability/index.ts'
import { measureProjects, projectTotals } from './projects/index.ts'
import { version } from './version.ts'
import type { VulnDatabase } from './vulndb/index.ts'

export interface MeasureDeps {
  readonly config: Config
  readonly database: Database
  readonly store: Parameters<typeof createReadiness>[0]['store']
  readonly http: HttpServer
  readonly vulndb: VulnDatabase
  readonly metrics: Metrics
  readonly log: Logger
}

/** Projects that have series of their own. */
const mostProjects = 1_000

/** Health to everybody; metrics on the address that the settings name for them. */
export async function serveHealthAndMetrics(deps: MeasureDeps): Promise<AsyncDisposable | undefined> {
  const { config, database, store, http, metrics, log } = deps
  const readiness = createReadiness({ pool: database.pool, store }, http.draining)
  registerHealth(http.app, readiness)
  if (!config.metrics) return undefined
  const gather = createGathering(metrics, {
    version,
    stored: [() => storedQueues(deps), () => storedProjects(deps), () => storedAge(deps)],
    present: () => connections(deps),
  })
  const listener = await listenForMetrics(config.metrics.listen, { metrics: gather, readiness })
  log.info({ address: listener.address }, 'metrics are served')
  return listener
}

async function storedQueues({ database, metrics }: MeasureDeps): Promise<void> {
  for (const { name, waiting, latency } of await measureQueues(database.pool, Object.keys(queues))) {
    metrics.queued.set([name], waiting)
    metrics.queueLatency.set([name], latency)
  }
}

async function storedProjects({ database, metrics }: MeasureDeps): Promise<void> {
  const { open, closed } = await projectTotals(database.pool)
  metrics.projects.set(['true'], open)
  metrics.projects.set(['false'], closed)
  const projects = await measureProjects(database.pool, mostProjects)
  // One that was deleted is no longer told of.
  metrics.repositories.clear()
  metrics.usage.clear()
  for (const project of projects) {
    metrics.repositories.set([project.name, String(project.public)], project.repositories)
    metrics.usage.set([project.name], project.bytes)
  }
}

async function storedAge({ database, vulndb, metrics }: MeasureDeps): Promise<void> {
  const current = await vulndb.current(database.pool)
  metrics.vulndbAge.clear()
  if (current) metrics.vulndbAge.set([], (Date.now() - current.builtAt.getTime()) / 1_000)
}

function connections({ database, metrics }: MeasureDeps): void {
  for (const name of ['pool', 'lookups', 'relaxed'] as const) {
    const { totalCount, idleCount, waitingCount } = database[name]
    metrics.connections.set([name, 'used'], totalCount - idleCount)
    metrics.connections.set([name, 'idle'], idleCount)
    metrics.connections.set([name, 'waiting'], waitingCount)
  }
}
