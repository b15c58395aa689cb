/** Every queue, and how long one of its jobs may run, in seconds; then its signal is aborted and it is tried again. */
export const queues = {
  collection: { expireInSeconds: 7_200 },
  scan: { expireInSeconds: 3_600 },
  'scan-all': { expireInSeconds: 7_200 },
  signatures: { expireInSeconds: 3_600 },
  vulndb: { expireInSeconds: 7_200 },
  // A pass over everything takes days: each job goes on where the one before was ended, and has to get through one blob.
  scrub: { expireInSeconds: 86_400 },
  snapshots: { expireInSeconds: 7_200 },
} as const

export type QueueName = keyof typeof queues

/** Who waits for a job: somebody who pushed, somebody who asked, nobody. */
export type Lane = 'push' | 'manual' | 'sweep'

export const priorities: Readonly<Record<Lane, number>> = { push: 20, manual: 10, sweep: 0 }

/** A live worker says so this often; one that has been silent for `lostAfterMs` is dead, and its job is given to another. */
export const heartbeat = { refreshSeconds: 1.5, lostAfterMs: 5_000 } as const

/** What holds for the jobs of all queues. */
export const common = {
  // One job of a key waits and one runs: what is asked for while a job runs is done afterwards.
  policy: 'stately',
  notify: true,
  retryLimit: 5,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 300,
  deleteAfterSeconds: 86_400,
  // The least that pg-boss takes. What finds the dead is the watch, this is its backstop.
  heartbeatSeconds: 10,
} as const
