import type { OperationId } from '@breakwater/harbor-contract'
import { artifactHandlers } from './artifacts/artifact.ts'
import { labelHandlers } from './artifacts/label.ts'
import { repositoryHandlers } from './artifacts/repository.ts'
import { scanHandlers } from './artifacts/scan.ts'
import type { HandlersOf } from './operation.ts'
import { permissionsHandlers } from './people/permissions.ts'
import { robotHandlers } from './people/robot.ts'
import { userHandlers } from './people/user.ts'
import { userGroupHandlers } from './people/user-group.ts'
import { cveAllowlistHandlers } from './projects/cve-allowlist.ts'
import { memberHandlers } from './projects/member.ts'
import { projectHandlers } from './projects/project.ts'
import { projectMetadataHandlers } from './projects/project-metadata.ts'
import { quotaHandlers } from './projects/quota.ts'
import { auditLogHandlers } from './system/audit-log.ts'
import { configurationHandlers } from './system/configuration.ts'
import { gcHandlers } from './system/gc.ts'
import { healthHandlers } from './system/health.ts'
import { pingHandlers } from './system/ping.ts'
import { scanAllHandlers } from './system/scan-all.ts'
import { scannerHandlers } from './system/scanner.ts'
import { searchHandlers } from './system/search.ts'
import { statisticsHandlers } from './system/statistics.ts'
import { systemInfoHandlers } from './system/system-info.ts'

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
  ...scanAllHandlers,
  ...scannerHandlers,
  ...gcHandlers,
  ...userHandlers,
  ...userGroupHandlers,
  ...repositoryHandlers,
  ...artifactHandlers,
  ...scanHandlers,
  ...labelHandlers,
  ...projectHandlers,
  ...projectMetadataHandlers,
  ...memberHandlers,
  ...robotHandlers,
  ...permissionsHandlers,
}
