/**
 * vulndb: the vulnerability database: imported as generations, of which one is current, and asked about packages.
 * Owns tables: vulndb_generation, vulndb_import, advisory_group, vulnerability, data_source, package_question, package_answer.
 * Enter by: createVulnDatabase.
 * Uses: config, observability, metadata, content, ledger, jobs.   Never: shows two generations as one, takes a worse
 * database without being told to.
 */
export { createVulnDatabase, type VulnDatabase } from './database.ts'
export { mostArchiveBytes } from './fetch/artifact.ts'
export type { Finding } from './finding.ts'
export { freshness, type Generation } from './generation.ts'
export type { FlipHooks } from './import.ts'
export type { ImportRecord } from './import-queries.ts'
