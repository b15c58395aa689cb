import type { ProjectSummary } from '@breakwater/harbor-contract'
import { holds } from '../../access/index.ts'
import type { Principal } from '../../identity/index.ts'
import { countMembers, usedStorage } from '../../projects/index.ts'
import type { ApiDeps } from '../operation.ts'
import type { ProjectAccess } from '../permit.ts'

const countNames = {
  1: 'project_admin_count',
  4: 'maintainer_count',
  2: 'developer_count',
  3: 'guest_count',
  5: 'limited_guest_count',
} as const

/** A project in numbers, as far as the caller may see them. Roles that nobody holds are left out. */
export async function summaryOf(
  { pool }: ApiDeps,
  { project, facts }: ProjectAccess,
  who: Principal,
): Promise<ProjectSummary> {
  const members = holds(who, facts, 'member:list') ? await countMembers(pool, project.id) : new Map<number, number>()
  const counts = Object.entries(countNames).flatMap(([role, name]) => {
    const count = members.get(Number(role))
    return count ? [[name, count] as const] : []
  })
  const used = holds(who, facts, 'quota:read') ? await usedStorage(pool, [project.id]) : undefined
  return {
    repo_count: project.repositories,
    ...Object.fromEntries(counts),
    ...(used ? { quota: { hard: { storage: -1 }, used: { storage: used.get(project.id) ?? 0 } } } : {}),
  }
}
