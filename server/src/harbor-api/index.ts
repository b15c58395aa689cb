/**
 * harbor-api: Harbor's API v2.0, one file for each of its tags, one function for each operation.
 * Owns tables: none.   Enter by: registerHarborApi.
 * Uses: observability, metadata, content, http, settings, identity, access, projects, artifacts, login, ledger, jobs,
 * policy, vulndb, scanning, collection.   Never: holds a rule that another room should know.
 */
export { type Caller, identify } from './caller.ts'
export { requireInProject, requireInSystem } from './permit.ts'
export { registerHarborApi } from './routes.ts'
