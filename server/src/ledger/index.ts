/**
 * ledger: the append-only record of what happened: changes, refusals, pulls.
 * Owns tables: ledger, refusal, pull.   Enter by: record, recordRefusal, createPulls.
 * Uses: metadata.   Never: changes or deletes a row, holds a secret.
 */

export { createPulls, type Pulls } from './pulls.ts'
export { changeValues, record, recordFailedLogin, recordRefusal } from './queries.ts'
export { type Actor, type Change, system } from './record.ts'
