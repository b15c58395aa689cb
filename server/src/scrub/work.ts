import type { Jobs } from '../jobs/index.ts'
import type { Tx } from '../metadata/index.ts'
import type { ScrubDeps } from './deps.ts'
import { askForPass } from './queries.ts'
import { scrub } from './scrub.ts'

/** Of all jobs: one runs at a time, in whatever process. */
const job = { key: 'pass', data: {} } as const

/** Asks for a pass now, or when the one that goes on has ended. */
export async function startScrub(tx: Tx, jobs: Pick<Jobs, 'enqueue'>): Promise<void> {
  await askForPass(tx)
  await jobs.enqueue(tx, 'scrub', { ...job, lane: 'manual' })
}

export interface ScrubWork extends ScrubDeps {
  readonly jobs: Jobs
  /** Milliseconds between the beginnings of two passes; undefined: only those that somebody asks for. */
  readonly every: number | undefined
}

/** Reads all blobs again and again, in one process at a time; what one that dies has left, the next goes on with. */
export async function workOnScrub({ jobs, every, ...deps }: ScrubWork): Promise<void> {
  await jobs.work('scrub', { concurrency: 1 }, (_, signal) => scrub(deps, every, signal))
  // Each minute it is found out whether a pass is due, or was left by a process that died.
  await jobs.schedule('scrub', '* * * * *', job)
}
