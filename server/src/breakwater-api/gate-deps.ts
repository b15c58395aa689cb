import type { Permission } from '../access/index.ts'
import { requireInProject } from '../harbor-api/index.ts'
import type { Pool } from '../metadata/index.ts'
import type { AssessDeps, PolicyOwner } from '../policy/index.ts'
import type { Project } from '../projects/index.ts'
import type { Asked } from './operation.ts'

/** What operations on policies, exceptions and verdicts need. */
export interface GateDeps extends AssessDeps {
  readonly pool: Pool
}

/** The project that a path names, for a caller who has the permission in it. */
export async function projectOfPath(
  deps: Pick<GateDeps, 'pool'>,
  { caller, params }: Asked,
  permission: Permission,
): Promise<Project> {
  const input = { caller, params: { project_name: params['project'] ?? '' } }
  return (await requireInProject(deps, input, permission)).project
}

export function ownerOf(project: Project): PolicyOwner {
  return { id: project.id, label: `project ${project.name}` }
}
