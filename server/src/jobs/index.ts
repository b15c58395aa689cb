/**
 * jobs: work that outlives a request: queued in the transaction that causes it, done by any process, done again if one dies.
 * Owns tables: none (pg-boss keeps its own in the schema `pgboss`).   Enter by: createJobs.
 * Uses: observability, metadata.   Never: knows what a job does, holds a secret in a job's data.
 */
export { createJobs, type Job, type Jobs } from './jobs.ts'
export type { Lane, QueueName } from './queues.ts'
