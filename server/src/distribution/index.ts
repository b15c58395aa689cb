/**
 * distribution: the OCI Distribution Specification 1.1 under /v2/, one file for each operation.
 * Owns tables: none.   Enter by: registerDistribution.
 * Uses: observability, metadata, http, access, identity, projects, blobs, artifacts, content, ledger, settings,
 * policy, jobs, vulndb, scanning, signatures.   Never: serves what access did not allow.
 */
export { createPullLookups, type PullLookups } from './queries.ts'
export { registerDistribution } from './routes.ts'
