/**
 * ledger: the append-only record of what happened: changes, refusals, pulls.
 * Owns tables: ledger, refusal, pull, artifact_pull, tag_pull, repository_pull.   Enter by: record, recordRefusal, createPulls, listEntries.
 * Uses: metadata.   Never: changes or deletes an entry (counts are none), holds a secret.
 */

export { type Entry, listEntries } from './list-queries.ts'
export { forgetPulls, forgetRepositoryPulls } from './pull-queries.ts'
export { createPulls, type Pulls } from './pulls.ts'
export { changeValues, record, recordAll, recordFailedLogin, recordRefusal } from './queries.ts'
export { type Actor, type Change, system } from './record.ts'
