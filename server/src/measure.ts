import { hostname } from 'node:os'
import { measureBlobs } from './blobs/index.ts'
import { measureReviews } from './collection/index.ts'
import type { Config } from './config/index.ts'
import { ContentDamaged, ContentMissing, StoreUnavailable, type Watch } from './content/index.ts'
import { type HttpServer, listenForMetrics, type Readiness, registerHealth } from './http/index.ts'
import { countSchedules, type JobsOptions, measureQueues, queues } from './jobs/index.ts'
import type { Database } from './metadata/index.ts'
import { createGathering, type Logger, type Metrics, type Tracing } from './observability/index.ts'
import type { GateWatch } from './policy/index.ts'
import { measureProjects, projectTotals, type Totals } from './projects/index.ts'
import { countDamaged } from './scrub/index.ts'
import { authMode, type Settings } from './settings/index.ts'
import { version } from './version.ts'
import type { VulnDatabase } from './vulndb/index.ts'

export interface MeasureDeps {
  readonly config: Config
  readonly database: Database
  readonly readiness: () => Promise<Readiness>
  readonly http: HttpServer
  readonly settings: Settings
  readonly vulndb: VulnDatabase
  readonly metrics: Metrics
  readonly log: Logger
}

/** Takes note of the operations of the store. */
export function observeStore(metrics: Metrics, kind: string, tracing: Tracing | undefined): Watch {
  const attributes = { 'breakwater.store.kind': kind }
  return async (operation, work) => {
    const begun = performance.now()
    const note = (outcome: 'ok' | 'error') =>
      metrics.storeTimes.observe([operation, kind, outcome], (performance.now() - begun) / 1_000)
    try {
      const result = await (tracing ? tracing.child(`store ${operation}`, 'client', attributes, work) : work())
      note('ok')
      return result
    } catch (error) {
      // A client that goes away in the middle is no fault of the store.
      const faults = [StoreUnavailable, ContentMissing, ContentDamaged]
      note(faults.some((fault) => error instanceof fault) ? 'error' : 'ok')
      throw error
    }
  }
}

/** Takes note of what the gate does. */
export function observeGate(metrics: Metrics): GateWatch {
  // There from the beginning, so that a rate of it begins at nothing.
  metrics.verdicts.add(['allow', 'none'], 0)
  return {
    judged(allow, rules) {
      if (allow) metrics.verdicts.add(['allow', 'none'])
      else for (const rule of rules) metrics.verdicts.add(['deny', rule])
    },
    held: (seconds) => metrics.holds.observe([], seconds),
  }
}

/** Takes note of jobs that this process does. */
export function observeJobs({ running, tasks, taskTimes }: Metrics): Pick<JobsOptions, 'began' | 'ended'> {
  const pool = hostname()
  return {
    began: (queue) => running.add([queue, pool]),
    ended(queue, success, seconds) {
      running.add([queue, pool], -1)
      const labels = [queue, success ? 'success' : 'fail']
      tasks.add(labels)
      taskTimes.observe(labels, seconds)
    },
  }
}

/** Takes note of what the collector deletes. */
export function observeCollection({ collectedBlobs, collectedBytes }: Metrics): (blobs: number, bytes: number) => void {
  return (blobs, bytes) => {
    collectedBlobs.add([], blobs)
    collectedBytes.add([], bytes)
  }
}

/** Projects that have series of their own. */
const mostProjects = 1_000

/** Health to everybody; metrics on the address that the settings name for them. */
export async function serveHealthAndMetrics(deps: MeasureDeps): Promise<AsyncDisposable | undefined> {
  const { config, readiness, http, metrics, log } = deps
  registerHealth(http.app, readiness)
  if (!config.metrics) return undefined
  const gather = createGathering(metrics, {
    stored: [health, storedQueues, storedProjects, storedBlobs, storedDamage, storedAge, storedInfo].map(
      (source) => () => source(deps),
    ),
    present: () => connections(deps),
  })
  const listener = await listenForMetrics(config.metrics.listen, { metrics: gather, readiness })
  log.info({ address: listener.address }, 'metrics are served')
  return listener
}

async function health({ readiness, metrics }: MeasureDeps): Promise<void> {
  const { ready, checks } = await readiness()
  metrics.health.set([], ready ? 1 : 0)
  const components = { core: checks.server, database: checks.database, registry: checks.store }
  for (const [name, outcome] of Object.entries(components)) metrics.up.set([name], outcome === 'ok' ? 1 : 0)
}

async function storedQueues({ database, metrics }: MeasureDeps): Promise<void> {
  for (const { name, waiting, latency } of await measureQueues(database.pool, Object.keys(queues))) {
    metrics.queued.set([name], waiting)
    metrics.queueLatency.set([name], latency)
  }
  metrics.scheduled.set([], await countSchedules(database.pool))
}

async function storedProjects({ database, metrics }: MeasureDeps): Promise<void> {
  measureTotals(metrics, await projectTotals(database.pool))
  const projects = await measureProjects(database.pool, mostProjects)
  // One that was deleted is no longer told of.
  for (const known of ['repositories', 'usage', 'members', 'artifacts', 'pulled'] as const) metrics[known].clear()
  for (const { name, public: open, ...project } of projects) {
    metrics.repositories.set([name, String(open)], project.repositories)
    metrics.usage.set([name], project.bytes)
    metrics.members.set([name], project.members)
    if (project.artifacts !== null) metrics.artifacts.set([name, String(open)], project.artifacts)
    if (project.pulls !== null) metrics.pulled.set([name], project.pulls)
  }
}

function measureTotals(metrics: Metrics, totals: Totals): void {
  const { open, closed, openRepositories, closedRepositories, bytes } = totals
  metrics.projects.set(['true'], open)
  metrics.projects.set(['false'], closed)
  metrics.allProjects.set([], open + closed)
  metrics.publicProjects.set([], open)
  metrics.privateProjects.set([], closed)
  metrics.allRepositories.set([], openRepositories + closedRepositories)
  metrics.publicRepositories.set([], openRepositories)
  metrics.privateRepositories.set([], closedRepositories)
  metrics.allUsage.set([], bytes)
}

async function storedBlobs({ database, metrics }: MeasureDeps): Promise<void> {
  const { uploads, doomed, deleting } = await measureBlobs(database.pool)
  metrics.uploads.set([], uploads)
  metrics.collectionWaiting.set(['review'], await measureReviews(database.pool))
  metrics.collectionWaiting.set(['doomed'], doomed)
  metrics.collectionWaiting.set(['deleting'], deleting)
}

async function storedInfo({ settings, metrics }: MeasureDeps): Promise<void> {
  const { self_registration: everybody } = await settings.current()
  metrics.info.clear()
  metrics.info.set([authMode, version, String(everybody)], 1)
}

async function storedAge({ database, vulndb, metrics }: MeasureDeps): Promise<void> {
  const current = await vulndb.current(database.pool)
  metrics.vulndbAge.clear()
  if (current) metrics.vulndbAge.set([], (Date.now() - current.builtAt.getTime()) / 1_000)
}

async function storedDamage({ database, metrics }: MeasureDeps): Promise<void> {
  metrics.damaged.set([], await countDamaged(database.pool))
}

function connections({ database, metrics }: MeasureDeps): void {
  for (const name of ['pool', 'lookups', 'relaxed'] as const) {
    const { totalCount, idleCount, waitingCount } = database[name]
    metrics.connections.set([name, 'used'], totalCount - idleCount)
    metrics.connections.set([name, 'idle'], idleCount)
    metrics.connections.set([name, 'waiting'], waitingCount)
  }
}
