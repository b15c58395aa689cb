import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Breakwater, startBreakwater } from '../../bench/lib/breakwater.ts'
import { type Child, killQuietly, startChild } from '../../bench/lib/child.ts'
import { freePort } from '../../bench/lib/free-port.ts'
import { findTool } from '../../bench/lib/tools.ts'
import { type EmbeddedDatabase, startEmbedded } from '../../server/src/metadata/embedded/index.ts'
import { type Churn, startChurn } from './churn.ts'
import { runCollection } from './run-collection.ts'
import { type Scenario, scaled } from './scenario.ts'

const entry = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))
const victims = ['web', 'worker', 'postgres', 'store'] as const
type Victim = (typeof victims)[number]

const patienceMs = 60_000
/** Short, so that what a kill interrupts is collection as often as anything else. */
const windows = {
  BREAKWATER_COLLECTION_UNDO: '1s',
  BREAKWATER_COLLECTION_GRACE: '1s',
  BREAKWATER_COLLECTION_INTERVAL: '1s',
}

/** A web process, a worker, PostgreSQL and an S3 store, each a process that can be killed. */
interface Parts extends AsyncDisposable {
  readonly web: Breakwater
  readonly storeFolder: string
  /** kill -9; what does not come back by itself is started again, and may not answer yet. */
  kill(victim: Victim): Promise<void>
}

async function startParts(): Promise<Parts> {
  const opened = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-kills-'))
  opened.defer(() => rmSync(folder, { recursive: true, force: true }))
  const postgres: EmbeddedDatabase = opened.use(
    await startEmbedded({ dataDir: join(folder, 'postgres'), log: () => undefined }),
  )
  const { host, port, user, database } = postgres.connection
  const databaseUrl = `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`

  const storeFolder = join(folder, 'objects')
  mkdirSync(join(storeFolder, 'blobs'), { recursive: true })
  const storePort = await freePort()
  const startStore = () =>
    startChild({
      command: findTool('versitygw'),
      args: ['--port', `127.0.0.1:${storePort}`, '--quiet', 'posix', storeFolder],
      env: { ROOT_ACCESS_KEY: 'soak', ROOT_SECRET_KEY: 'soak-secret' },
      logFile: join(folder, 'store.log'),
      dataFolder: storeFolder,
    })
  let store = startStore()
  opened.defer(() => store.stop())

  const settings = {
    BREAKWATER_STORE_KIND: 's3',
    BREAKWATER_STORE_S3_BUCKET: 'blobs',
    BREAKWATER_STORE_S3_ENDPOINT: `http://127.0.0.1:${storePort}`,
    BREAKWATER_STORE_S3_PATH_STYLE: 'true',
    BREAKWATER_STORE_S3_ACCESS_KEY_ID: 'soak',
    BREAKWATER_STORE_S3_SECRET_ACCESS_KEY: 'soak-secret',
    BREAKWATER_SECRET_KEY: randomBytes(32).toString('hex'),
    ...windows,
  }
  const web = opened.use(await startBreakwater({ databaseUrl, settings: { ...settings, BREAKWATER_ROLE: 'web' } }))
  const workerFolder = join(folder, 'worker')
  const workerPort = await freePort()
  const startWorker = () =>
    startChild({
      command: process.execPath,
      args: [entry, 'serve'],
      env: {
        ...settings,
        BREAKWATER_ROLE: 'worker',
        BREAKWATER_DATABASE_URL: databaseUrl,
        BREAKWATER_DATA_DIR: workerFolder,
        BREAKWATER_LISTEN: `127.0.0.1:${workerPort}`,
        BREAKWATER_LOG_LEVEL: 'warn',
        BREAKWATER_VULNDB_SOURCE: 'none',
      },
      logFile: join(folder, 'worker.log'),
      dataFolder: workerFolder,
    })
  let worker = startWorker()
  // As a supervisor does: a worker also ends by itself where it starts while PostgreSQL is away.
  const supervisor = setInterval(() => {
    if (worker.hasExited()) worker = startWorker()
  }, 200)
  opened.defer(async () => {
    clearInterval(supervisor)
    await worker.stop()
  })

  const end = async (child: Pick<Child, 'pid' | 'hasExited'>) => {
    killQuietly(child.pid)
    while (!child.hasExited()) await sleep(5)
  }
  const kills: Record<Victim, () => Promise<void>> = {
    async web() {
      await end(web)
      await web.restart()
    },
    async worker() {
      await end(worker)
    },
    async postgres() {
      killQuietly(postgres.pid)
    },
    async store() {
      await end(store)
      store = startStore()
    },
  }
  return {
    web,
    storeFolder,
    kill: (victim) => kills[victim](),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

/** Waits until a push is acknowledged that began after now. */
async function untilServing(churn: Churn): Promise<number> {
  const since = Date.now()
  const before = churn.pushed()
  while (churn.pushed() === before) {
    if (Date.now() > since + patienceMs) throw new Error(`no push was taken for ${patienceMs / 1000} s after a kill`)
    await sleep(10)
  }
  return Date.now() - since
}

/** Files below a folder, which the store removes when it is empty; undefined where it changed while it was read. */
function filesBelow(folder: string): number | undefined {
  if (!existsSync(folder)) return 0
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** With every image deleted, nothing is left of their bytes in the end. */
async function untilCollected(parts: Parts): Promise<void> {
  const deadline = Date.now() + 10 * patienceMs
  const folder = join(parts.storeFolder, 'blobs', 'blobs')
  for (;;) {
    const left = filesBelow(folder)
    if (left === 0) return
    if (Date.now() > deadline)
      throw new Error(`${left ?? 'some'} blobs are still in the store after everything was deleted`)
    await sleep(500)
  }
}

/** kill -9 of whatever part, while images are pushed, pulled, deleted, scanned and collected. */
export const killEverything: Scenario = {
  name: 'kill-everything',
  about: 'kill -9 of web, worker, PostgreSQL and store 1,000 times during pushes, deletes, scans and collection',
  async run(scale) {
    const kills = scaled(1_000, scale)
    await using parts = await startParts()
    const churn = startChurn(parts.web)
    const counts = { web: 0, worker: 0, postgres: 0, store: 0 }
    const longest = { web: 0, worker: 0, postgres: 0, store: 0 }
    try {
      await untilServing(churn)
      for (let round = 0; round < kills; round += 1) {
        await sleep(Math.random() * 400)
        const victim = victims[Math.floor(Math.random() * victims.length)] ?? 'web'
        await parts.kill(victim)
        counts[victim] += 1
        const recoveryMs = await untilServing(churn)
        longest[victim] = Math.max(longest[victim], recoveryMs)
      }
    } finally {
      await churn.stop()
    }
    const verified = await churn.verify()
    await churn.deleteAll()
    // A PostgreSQL that is killed forgets bytes that had only just come.
    const { strays = 0 } = await runCollection(parts.web, { strays: true })
    await untilCollected(parts)
    const recoveries = Object.entries(longest).map(([victim, ms]) => [`${victim}: longest recovery ms`, ms])
    return { kills, ...counts, ...Object.fromEntries(recoveries), ...verified, strays }
  },
}
