/**
 * vulndb: the vulnerability database: imported as generations, of which one is current, and asked about packages.
 * Owns tables: vulndb_generation, vulndb_import, advisory_group, vulnerability, data_source, package_question, package_answer.
 * Enter by: createVulnDatabase.
 * Uses: nothing.   Never: shows two generations as one, takes a worse database without being told to.
 */
export { type Freshness, freshness, type Generation } from './generation.ts'
