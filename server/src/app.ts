import { setTimeout as sleep } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { foldCounts } from './artifacts/index.ts'
import { createUploads, type Uploads } from './blobs/index.ts'
import { registerBreakwaterApi } from './breakwater-api/index.ts'
import { createCollector, workOnCollection } from './collection/index.ts'
import { type Config, isLoopback, loadConfig } from './config/index.ts'
import { createHasher, openForReading, openStore, watchStore } from './content/index.ts'
import { createPullLookups, registerDistribution } from './distribution/index.ts'
import { registerHarborApi } from './harbor-api/index.ts'
import { createHttpServer, createReadiness } from './http/index.ts'
import {
  bootstrapAdmin,
  createAuthenticator,
  createPasswords,
  createRobotSecrets,
  createSessions,
  createTokens,
  deleteEndedSessions,
  openSecretKey,
} from './identity/index.ts'
import { createJobs } from './jobs/index.ts'
import { createPulls, record, system } from './ledger/index.ts'
import { createCsrf, registerLogin, registerSessions } from './login/index.ts'
import { observeCollection, observeGate, observeJobs, observeStore, serveHealthAndMetrics } from './measure.ts'
import { type Database, migrate, openDatabase, tracePool, transaction } from './metadata/index.ts'
import { createLogger, createMetrics, type Logger, openTracing } from './observability/index.ts'
import { type AssessDeps, createGate } from './policy/index.ts'
import { createLibrary, foldProjects } from './projects/index.ts'
import { refuseHalfRestored, scheduleSnapshots } from './recovery/index.ts'
import { completeSummaries, createScanner, evidenceOf, prepareSummaries } from './scanning/index.ts'
import { workOnScrub } from './scrub/index.ts'
import { createSettings } from './settings/index.ts'
import { signaturesOf, workOnSignatures } from './signatures/index.ts'
import { version } from './version.ts'
import { createVulnDatabase } from './vulndb/index.ts'

export interface App extends AsyncDisposable {
  /** As clients type it: `http://127.0.0.1:8080`. */
  readonly address: string
  /** Resolves when the embedded database is gone for good. */
  readonly lost: Promise<void>
  /** Says that it stops, and goes on answering for as long as `drain` says. */
  drain(): Promise<void>
}

/** The only place where rooms are put together, each once, in the order in which they may know of one another. */
export async function startApp(config: Config): Promise<App> {
  const log = createLogger(config)
  const second = config.scrub.healFrom === undefined ? undefined : loadConfig({ file: config.scrub.healFrom, env: {} })
  const metrics = createMetrics()
  // What has been opened is closed in the reverse order, also when a later step fails.
  const opened = new AsyncDisposableStack()
  let address = ''
  try {
    const tracing = opened.use(await openTracing(config, version, log))
    const database = opened.use(await openDatabase(config, (line) => log.debug({ from: 'postgres' }, line)))
    const { pool } = database
    if (tracing) for (const each of [pool, database.relaxed]) tracePool(each, tracing)
    const bare = await openStore(config)
    const store = watchStore(bare, observeStore(metrics, config.store.kind, tracing))
    await refuseHalfRestored(store)
    const applied = await migrate(pool)
    if (applied.length > 0) log.info({ applied }, 'database migrated')
    await bootstrap(database, config)

    const hasher = opened.use(createHasher(2))
    const jobs = opened.use(
      await createJobs(database, log, {
        works: config.role !== 'web',
        tracing,
        ...observeJobs(metrics),
      }),
    )
    const pulls = opened.use(
      createPulls(
        pool,
        config.ledger.pullFlush,
        (line) => log.warn(line),
        (seconds, waiting) => {
          metrics.ledgerFlush.observe([], seconds)
          metrics.ledgerWaiting.set([], waiting)
        },
      ),
    )
    const settings = createSettings(pool)
    const secretKey = await openSecretKey(config, pool)
    const tokens = createTokens(secretKey.derive('registry tokens'))
    const robotSecrets = createRobotSecrets(secretKey.derive('robot secrets'))
    const passwords = createPasswords()
    const authenticator = createAuthenticator({ db: pool, tokens, robotSecrets, settings, passwords })
    const sessions = createSessions(pool, settings)
    const secure = config.externalUrl ? config.externalUrl.startsWith('https:') : config.tls !== undefined
    const csrf = createCsrf(secretKey.derive('csrf'), secure)
    const uploads = createUploads({ pool, relaxed: database.relaxed, store, hasher, limits: config.limits })
    if (config.role !== 'web') opened.use(keepHouse(uploads, database, log))

    const hosts = () => hostsOf(config, address)
    const vulndb = opened.use(createVulnDatabase({ database, jobs, store, config, hosts, log }))
    const assessing: AssessDeps = {
      pool,
      evidenceOf: (digest) => evidenceOf({ pool, vulndb }, digest),
      signaturesOf: (...asked) => signaturesOf({ pool, store }, ...asked),
    }
    const refusalStatus = config.gate.refuseWith412 ? 412 : 403
    const gate = createGate({ ...assessing, pool, store, refusalStatus, watch: observeGate(metrics) })

    const { rate, interval, ...windows } = config.collection
    const http = opened.use(createHttpServer(config, log, metrics, tracing))
    const readiness = createReadiness({ pool, store }, http.draining)
    const answerClients = () => {
      const lookups = createPullLookups(database.lookups, tracing)
      const { manifestBytes, manifestCache } = config.limits
      registerDistribution(http.app, {
        pool,
        lookups,
        gate,
        jobs,
        vulndb,
        store,
        uploads,
        pulls,
        manifests: new LRUCache<string, Buffer>({
          maxSize: manifestCache,
          sizeCalculation: ({ length }) => length + 256,
        }),
        limits: { manifestBytes },
        redirect: config.store.redirect ? store.presign : undefined,
        settings,
        authenticator,
        log,
        externalUrl: config.externalUrl,
      })
      registerLogin(http.app, { pool, authenticator, tokens, lookups, settings })
      registerSessions(http.app, { pool, authenticator, sessions, settings, csrf, secure, log })
      const facts = { version, externalUrl: config.externalUrl, storeKind: config.store.kind }
      const people = { authenticator, passwords, sessions, robotSecrets }
      const api = { pool, ...people, settings, gate, jobs, vulndb, store, facts, readiness, csrf, log }
      registerHarborApi(http.app, api)
      registerBreakwaterApi(http.app, {
        ...assessing,
        pool,
        store,
        jobs,
        windows,
        ...people,
        settings,
        vulndb,
        csrf,
        log,
      })
    }
    opened.use(await serveHealthAndMetrics({ config, database, readiness, http, settings, vulndb, metrics, log }))
    if (config.role !== 'worker') answerClients()
    address = await http.listen()
    await vulndb.start({
      prepare: ({ id }) => prepareSummaries(pool, id),
      complete: (tx, { id }) => completeSummaries(tx, id),
    })
    if (config.role !== 'web')
      opened.use(
        await workOnCollection({
          pool,
          store,
          jobs,
          windows,
          interval,
          collector: createCollector({ pool, store, windows, rate, log, deleted: observeCollection(metrics) }),
          log,
        }),
      )
    if (config.role !== 'web') {
      const { rate, enabled, every } = config.scrub
      const healFrom = second && (() => openForReading(second))
      const read = (bytes: number) => metrics.scrubbed.add([], bytes)
      await workOnScrub({ pool, store, hasher, jobs, healFrom, rate, every: enabled ? every : undefined, log, read })
    }
    opened.use(await createScanner({ pool, store, jobs, vulndb }))
    await workOnSignatures({ pool, store, jobs })
    if (config.role !== 'web') opened.use(await scheduleSnapshots({ pool, store, jobs, config, version, log }))
    log.info({ address }, 'listening')
    const drain = async () => {
      http.drain()
      await sleep(config.drain)
    }
    return { address, lost: database.lost, drain, [Symbol.asyncDispose]: () => opened.disposeAsync() }
  } catch (error) {
    await opened.disposeAsync()
    throw error
  }
}

/** Under which clients know this registry; those of this machine in every way to write it. */
function hostsOf({ externalUrl, listen }: Config, address: string): string[] {
  const hosts = [externalUrl, address].flatMap((url) => (url ? [new URL(url).host] : []))
  if (address === '' || !(isLoopback(listen.host) || ['0.0.0.0', '::'].includes(listen.host))) return hosts
  const { port } = new URL(address)
  return [...hosts, ...['localhost', '127.0.0.1', '[::1]'].map((name) => (port ? `${name}:${port}` : name))]
}

async function bootstrap({ pool }: Database, config: Config): Promise<void> {
  await bootstrapAdmin(pool, config)
  await transaction(pool, async (tx) => {
    if (await createLibrary(tx)) await record(tx, system, { action: 'project.create', object: 'project library' })
  })
}

/** What has to be done from time to time: abandoned uploads, ended sessions, and next month's partitions. */
function keepHouse(uploads: Uploads, { pool }: Database, log: Logger): Disposable {
  const every = (interval: number, what: string, work: () => Promise<unknown>) => {
    const run = () => {
      work().catch((err: unknown) => log.warn({ err }, `${what} failed; it is tried again later`))
    }
    return setInterval(run, interval)
  }
  const timers = [
    every(600_000, 'dropping abandoned uploads', async () => {
      while ((await uploads.expire()) > 0);
    }),
    every(600_000, 'dropping ended sessions', () => deleteEndedSessions(pool)),
    every(5_000, 'folding counts', () => Promise.all([foldCounts(pool), foldProjects(pool)])),
    every(86_400_000, 'making partitions', () =>
      pool.query(`select ensure_partitions(now()), ensure_partitions(now() + interval '1 month')`),
    ),
  ]
  return {
    [Symbol.dispose]() {
      for (const timer of timers) clearInterval(timer)
    },
  }
}
