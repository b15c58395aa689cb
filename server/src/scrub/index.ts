/**
 * scrub: reads all blobs at a set rate; what is not what its digest says is not served, and healed where that can be.
 * Owns tables: scrub.   Enter by: workOnScrub, startScrub.
 * Uses: metadata, observability, content, ledger, jobs, blobs, artifacts.   Never: deletes bytes.
 */
export { countDamaged, findPass, listDamaged } from './queries.ts'
export { startScrub, workOnScrub } from './work.ts'
