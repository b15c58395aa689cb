/**
 * ledger: the append-only record of what happened: changes, refusals, pulls.
 * Owns tables: ledger, refusal, pull.   Enter by: record, createRefusals, createPulls.
 * Uses: metadata.   Never: changes or deletes a row, holds a secret.
 */
export { type Actor, type Change, system } from './record.ts'
export { type Pulls, createPulls, type Pull } from './pulls.ts'
export { record, recordRefusal, type Refusal } from './queries.ts'
