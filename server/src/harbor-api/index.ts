/**
 * harbor-api: Harbor's API v2.0, one file for each of its tags, one function for each operation.
 * Owns tables: none.   Enter by: registerHarborApi.
 * Uses: metadata, http, identity, access, projects, ledger.   Never: holds a rule that another room should know.
 */
export { registerHarborApi } from './routes.ts'
