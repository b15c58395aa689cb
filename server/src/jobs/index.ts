/**
 * jobs: work that outlives a request: queued in the transaction that causes it, done by any process, done again if one dies.
 * pg-boss keeps it, in tables of a schema of its own.
 * Owns tables: none.   Enter by: createJobs.
 * Uses: observability, metadata.   Never: knows what a job does, holds a secret in a job's data.
 */
export { createJobs, type Jobs, type JobsOptions } from './jobs.ts'
export { countSchedules, measureQueues, type WaitingJobs, waitingJobs } from './queries.ts'
export { type Lane, queues } from './queues.ts'
