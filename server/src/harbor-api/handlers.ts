import type { OperationId } from '@breakwater/harbor-contract'
import { artifactHandlers } from './artifact.ts'
import { auditLogHandlers } from './audit-log.ts'
import { configurationHandlers } from './configuration.ts'
import { cveAllowlistHandlers } from './cve-allowlist.ts'
import { healthHandlers } from './health.ts'
import { labelHandlers } from './label.ts'
import { memberHandlers } from './member.ts'
import type { HandlersOf } from './operation.ts'
import { permissionsHandlers } from './permissions.ts'
import { pingHandlers } from './ping.ts'
import { projectHandlers } from './project.ts'
import { projectMetadataHandlers } from './project-metadata.ts'
import { quotaHandlers } from './quota.ts'
import { repositoryHandlers } from './repository.ts'
import { robotHandlers } from './robot.ts'
import { searchHandlers } from './search.ts'
import { statisticsHandlers } from './statistics.ts'
import { systemInfoHandlers } from './system-info.ts'
import { userHandlers } from './user.ts'
import { userGroupHandlers } from './user-group.ts'

/** Every operation that is served, by Harbor's id. */
export const handlers: HandlersOf<OperationId> = {
  ...pingHandlers,
  ...healthHandlers,
  ...systemInfoHandlers,
  ...statisticsHandlers,
  ...searchHandlers,
  ...configurationHandlers,
  ...quotaHandlers,
  ...cveAllowlistHandlers,
  ...auditLogHandlers,
  ...userHandlers,
  ...userGroupHandlers,
  ...repositoryHandlers,
  ...artifactHandlers,
  ...labelHandlers,
  ...projectHandlers,
  ...projectMetadataHandlers,
  ...memberHandlers,
  ...robotHandlers,
  ...permissionsHandlers,
}
