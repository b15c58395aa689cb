import type { Digest } from '@breakwater/oci'
import type { Jobs } from '../jobs/index.ts'
import { type Pool, type Tx, transaction } from '../metadata/index.ts'
import { requestScan } from './request.ts'
import {
  countSweep,
  endListing,
  insertSweep,
  lastSweep,
  listManifests,
  lockListing,
  putSweepSchedule,
  putSweepStop,
  type Sweep,
  type SweepSchedule,
} from './sweep-queries.ts'

/** Artifacts that are asked for in one transaction. */
const batch = 200

const key = 'all'

/** Begins to ask for a scan of every artifact, behind those that somebody waits for. */
export async function startSweep(tx: Tx, jobs: Pick<Jobs, 'enqueue'>, trigger: Sweep['trigger']): Promise<void> {
  const id = await insertSweep(tx, trigger)
  await jobs.enqueue(tx, 'scan-all', { key, data: { sweep: id }, lane: 'manual' })
}

/** Ends the last scan of everything; false where none goes on. */
export async function stopSweep(tx: Tx): Promise<boolean> {
  const sweep = await lastSweep(tx)
  if (!sweep || !(await sweepProgress(tx, sweep)).ongoing) return false
  await putSweepStop(tx, sweep.id)
  return true
}

/** When everything is scanned by itself; undefined: never. */
export async function scheduleSweep(
  tx: Tx,
  jobs: Pick<Jobs, 'schedule'>,
  schedule: Pick<SweepSchedule, 'type' | 'cron'> | undefined,
): Promise<void> {
  await putSweepSchedule(tx, schedule)
  // Seconds are Harbor's; the queue looks once a minute.
  const cron = schedule?.cron.trim().split(/\s+/).slice(1).join(' ')
  await jobs.schedule('scan-all', cron, { key, data: {} })
}

export interface SweepProgress {
  readonly total: number
  readonly completed: number
  readonly ongoing: boolean
  /** By Harbor's names of states. */
  readonly metrics: Readonly<Record<string, number>>
  readonly trigger: Sweep['trigger']
}

export async function sweepProgress(db: Pick<Pool, 'query'>, sweep: Sweep): Promise<SweepProgress> {
  const metrics = await countSweep(db, sweep.id)
  const total = Object.values(metrics).reduce((sum, count) => sum + count, 0)
  const { Pending: pending = 0, Running: running = 0 } = metrics
  const waiting = pending + running
  return { total, completed: total - waiting, ongoing: sweep.listing || waiting > 0, metrics, trigger: sweep.trigger }
}

/** The job of queue `scan-all`: goes on where one before it died, as what was asked for already does no harm. */
export async function listSweep(
  deps: { readonly pool: Pool; readonly jobs: Pick<Jobs, 'enqueue'> },
  given: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { pool, jobs } = deps
  const id = given ?? (await transaction(pool, (tx) => insertSweep(tx, 'Schedule')))
  let last: Digest | undefined
  for (;;) {
    signal.throwIfAborted()
    const digests = await listManifests(pool, last, batch)
    const going = await transaction(pool, async (tx) => {
      if (!(await lockListing(tx, id))) return false
      for (const digest of digests.toSorted()) await requestScan(tx, jobs, { digest, lane: 'sweep', sweep: id })
      return digests.length === batch
    })
    if (!going) break
    last = digests.at(-1)
  }
  await transaction(pool, (tx) => endListing(tx, id))
}
