/**
 * vulndb: vulnerability databases in trivy-db's format, the orders of versions, and which vulnerabilities a package has.
 * Owns tables: none.   Enter by: openVulnDb, extractDatabase, questionOf, answer, detailOf, matchInventory, coverageOf.
 * Uses: the types of inventory.   Never: opens a socket, trusts what a database says of its own sizes and offsets.
 */

export { parseMetadata } from './database/metadata.ts'
export type {
  Advisory,
  AdvisoryEntry,
  AdvisoryGroup,
  Cvss,
  DatabaseMetadata,
  DataSource,
  Severity,
  Status,
  Vulnerability,
} from './database/record.ts'
export { severities, statuses } from './database/record.ts'
export { openVulnDb, VulnDb } from './database/vuln-db.ts'
export { VulndbError, type VulndbErrorCode } from './error.ts'
export { type FileAccess, openFileAccess } from './file-access.ts'
export type { AdvisorySource, Finding, Match, MatchDetail, Question, Rule } from './match/model.ts'
export { bytesAccess, type RandomAccess } from './random-access.ts'
