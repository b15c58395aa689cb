/**
 * collection: deletes what nothing names any more and nothing can come to name, while pushes and pulls go on.
 * Owns tables: review, collection_run, collection_schedule.   Enter by: createCollector, workOnCollection, startRun.
 * Uses: metadata, observability, content, ledger, jobs, blobs, artifacts.
 * Never: deletes bytes by another way than the collector's protocol.
 */
export { type Collector, createCollector } from './collector.ts'
export { waiting } from './forecast-queries.ts'
export { measureReviews } from './review-queries.ts'
export { scheduleRuns, startRun, workOnCollection } from './run.ts'
export {
  findRun,
  findRunLog,
  listRuns,
  type Run,
  type RunParameters,
  stopRun,
  sumRuns,
} from './run-queries.ts'
export { findCollectionSchedule } from './schedule-queries.ts'
export type { Windows } from './stages.ts'
