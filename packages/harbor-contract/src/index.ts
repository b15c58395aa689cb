import { artifactOperations } from './artifact.ts'
import { auditLogOperations } from './audit-log.ts'
import { configurationOperations } from './configuration.ts'
import { cveAllowlistOperations } from './cve-allowlist.ts'
import { gcOperations } from './gc.ts'
import { healthOperations } from './health.ts'
import { labelOperations } from './label.ts'
import { memberOperations } from './member.ts'
import { permissionsOperations } from './permissions.ts'
import { pingOperations } from './ping.ts'
import { projectOperations } from './project.ts'
import { projectMetadataOperations } from './project-metadata.ts'
import { quotaOperations } from './quota.ts'
import { repositoryOperations } from './repository.ts'
import { robotOperations } from './robot.ts'
import { scanOperations } from './scan.ts'
import { scanAllOperations } from './scan-all.ts'
import { scannerOperations } from './scanner.ts'
import { searchOperations } from './search.ts'
import { statisticsOperations } from './statistics.ts'
import { systemInfoOperations } from './system-info.ts'
import { userOperations } from './user.ts'
import { userGroupOperations } from './user-group.ts'

export * from './artifact.ts'
export * from './audit-log.ts'
export * from './configuration.ts'
export * from './gc.ts'
export * from './health.ts'
export * from './label.ts'
export * from './member.ts'
export * from './permissions.ts'
export * from './project.ts'
export * from './project-metadata.ts'
export * from './quota.ts'
export * from './repository.ts'
export * from './robot.ts'
export * from './scan.ts'
export * from './scan-all.ts'
export * from './scanner.ts'
export * from './search.ts'
export { type OperationShape, originalOf } from './shape.ts'
export * from './shared.ts'
export * from './statistics.ts'
export * from './system-info.ts'
export * from './user.ts'
export * from './user-group.ts'

/** Every operation of Harbor's API v2.0 that is served, by the id that Harbor gives it. */
export const operations = {
  ...pingOperations,
  ...healthOperations,
  ...systemInfoOperations,
  ...configurationOperations,
  ...statisticsOperations,
  ...searchOperations,
  ...projectOperations,
  ...projectMetadataOperations,
  ...memberOperations,
  ...repositoryOperations,
  ...artifactOperations,
  ...scanOperations,
  ...labelOperations,
  ...robotOperations,
  ...permissionsOperations,
  ...userOperations,
  ...userGroupOperations,
  ...quotaOperations,
  ...cveAllowlistOperations,
  ...auditLogOperations,
  ...scanAllOperations,
  ...scannerOperations,
  ...gcOperations,
} as const

export type OperationId = keyof typeof operations
