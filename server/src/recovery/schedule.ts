import type { Config } from '../config/index.ts'
import type { Jobs } from '../jobs/index.ts'
import { transaction } from '../metadata/index.ts'
import type { Logger } from '../observability/index.ts'
import { type SnapshotDeps, takeSnapshot } from './snapshot.ts'
import { listSnapshots, timeOf } from './store-archive.ts'

export interface ScheduleDeps extends SnapshotDeps {
  readonly jobs: Pick<Jobs, 'enqueue' | 'work'>
  readonly config: Config
  readonly log: Logger
}

const queue = 'snapshots'
const leastMs = 1_000

/** Takes snapshots as often as the configuration says, in one process at a time; none where it says so. */
export async function scheduleSnapshots(deps: ScheduleDeps): Promise<Disposable> {
  const { pool, store, jobs, log } = deps
  const { enabled, every, keep } = deps.config.snapshots
  if (!enabled) return { [Symbol.dispose]: () => undefined }

  /** A job that was queued twice finds a fresh one. */
  const isDue = async (): Promise<boolean> => {
    const last = (await listSnapshots(store)).whole.at(-1)
    return last === undefined || Date.now() - timeOf(last) >= every
  }
  await jobs.work(queue, { concurrency: 1 }, async () => {
    if (!(await isDue())) return
    const { id, tables } = await takeSnapshot(deps, keep)
    log.debug({ id, rows: tables.reduce((sum, { rows }) => sum + rows, 0) }, 'snapshot taken')
  })
  const tick = async () => {
    if (!(await isDue())) return
    await transaction(pool, (tx) => jobs.enqueue(tx, queue, { key: 'snapshot', data: {}, lane: 'sweep' }))
  }
  const timer = setInterval(
    () => {
      tick().catch((err: unknown) => log.warn({ err }, 'looking after snapshots failed; it is tried again later'))
    },
    Math.max(every / 20, leastMs),
  )
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
