/**
 * vulndb: vulnerability databases in trivy-db's format, the orders of versions, and which vulnerabilities a package has.
 * Owns tables: none.   Enter by: openVulnDb, extractDatabase, questionOf, answer, detailOf, matchInventory, uncoveredOf.
 * Uses: the types of inventory.   Never: opens a socket, trusts what a database says of its own sizes and offsets.
 */

export { extractDatabase } from './database/extract.ts'
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
export { answer } from './match/answer.ts'
export { type CoverageGap, type Uncovered, uncoveredOf } from './match/coverage.ts'
export { detailOf } from './match/detail.ts'
export { matchInventory } from './match/match-inventory.ts'
export type {
  AdvisorySource,
  Finding,
  LanguageRule,
  Match,
  MatchDetail,
  OsRule,
  Question,
  Rule,
} from './match/model.ts'
export { questionOf } from './match/question.ts'
export { bytesAccess, type RandomAccess } from './random-access.ts'
