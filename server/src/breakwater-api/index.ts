/**
 * breakwater-api: what Harbor's API has no place for: /api/breakwater/v1/, one file for each operation.
 * Owns tables: none.   Enter by: registerBreakwaterApi.
 * Uses: observability, metadata, http, settings, identity, access, projects, ledger, harbor-api, policy, login,
 * artifacts, vulndb, scanning, signatures, jobs, collection, scrub.   Never: changes a right.
 */
export { registerBreakwaterApi } from './routes.ts'
