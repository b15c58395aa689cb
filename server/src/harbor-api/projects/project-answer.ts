import type { CVEAllowlist, Project as ProjectAnswer } from '@breakwater/harbor-contract'
import { rankRoles } from '../../access/index.ts'
import { findCveAllowlists, type Project, rolesIn, type StoredAllowlist } from '../../projects/index.ts'
import type { Caller } from '../caller.ts'
import type { ApiDeps } from '../operation.ts'
import { metadataOf } from './project-metadata.ts'

const never = '0001-01-01T00:00:00.000Z'

/** Projects as Harbor's API shows them to the caller. */
export async function projectAnswers(deps: ApiDeps, { who }: Caller, projects: readonly Project[]): Promise<object[]> {
  const ids = projects.map(({ id }) => id)
  const [allowlists, roles] = await Promise.all([
    findCveAllowlists(deps.pool, ids),
    who.kind === 'user' ? rolesIn(deps.pool, who.id, ids) : undefined,
  ])
  return projects.map((project) => {
    const mine = rankRoles(roles?.get(project.id) ?? [])
    return {
      project_id: project.id,
      owner_id: project.ownerId,
      name: project.name,
      creation_time: project.createdAt.toISOString(),
      update_time: project.updatedAt.toISOString(),
      owner_name: project.ownerName,
      ...(mine[0] ? { current_user_role_id: mine[0], current_user_role_ids: mine } : {}),
      repo_count: project.repositories,
      metadata: metadataOf(project),
      cve_allowlist: allowlistAnswer(project.id, allowlists.get(project.id)),
    } satisfies ProjectAnswer
  })
}

/** An allowlist that was never set is an empty one. */
export function allowlistAnswer(projectId: number, stored: StoredAllowlist | undefined): CVEAllowlist {
  return {
    id: projectId,
    project_id: projectId,
    ...(stored?.expiresAt == null ? {} : { expires_at: stored.expiresAt }),
    items: (stored?.items ?? []).map((id) => ({ cve_id: id })),
    creation_time: stored?.createdAt.toISOString() ?? never,
    update_time: stored?.updatedAt.toISOString() ?? never,
  }
}
