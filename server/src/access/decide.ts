import type { Principal } from '../identity/index.ts'
import { type Permission, publicPermissions, rolePermissions } from './permission.ts'
import type { RoleId } from './role.ts'

export type RepositoryAction = 'pull' | 'push' | 'delete'

/** What the database says about a principal and a project at the moment of the request. */
export interface AccessFacts {
  readonly project: { readonly id: number; readonly public: boolean } | undefined
  /** Undefined where the account is gone, or a robot is disabled or expired. */
  readonly account: { readonly revision: number; readonly systemAdmin: boolean } | undefined
  /** In the project, own ones and those of groups; empty for robots. */
  readonly roles: readonly RoleId[]
  /** What a robot was granted: in the project, or in the system where no project is asked for. */
  readonly granted: readonly string[]
}

/**
 * - `stale`: the account changed after the credential was checked.
 * - `login`: nobody is logged in, and it takes somebody.
 * - `scope`: the account may, but the token was not asked for it.
 * - `denied`: the account may not.
 */
export type Decision = 'allowed' | 'stale' | 'login' | 'scope' | 'denied'

/** The one reason for which somebody may do something. */
export type Basis = 'system administrator' | `role ${RoleId}` | 'robot grant' | 'public project'

/** Why a principal may do something in the facts' project; undefined where it may not. */
export function basisFor(who: Principal, facts: AccessFacts, permission: Permission): Basis | undefined {
  if (!facts.project) return undefined
  if (who.kind === 'user') {
    if (facts.account?.systemAdmin && permission !== 'repository:scanner-pull') return 'system administrator'
    const role = facts.roles.find((id) => rolePermissions[id].has(permission))
    if (role) return `role ${role}`
  }
  if (who.kind === 'robot' && facts.account && isGranted(facts.granted, permission)) return 'robot grant'
  return facts.project.public && publicPermissions.has(permission) ? 'public project' : undefined
}

/** Who may push may pull, too: a push looks first at what is there. */
function isGranted(granted: readonly string[], permission: Permission): boolean {
  return granted.includes(permission) || (permission === 'repository:pull' && granted.includes('repository:push'))
}

export function holds(who: Principal, facts: AccessFacts, permission: Permission): boolean {
  return basisFor(who, facts, permission) !== undefined
}

/** The same for what belongs to no project. */
export function holdsInSystem(
  who: Principal,
  facts: Pick<AccessFacts, 'account' | 'granted'>,
  permission: Permission,
): boolean {
  if (who.kind === 'user') return facts.account?.systemAdmin === true
  return who.kind === 'robot' && facts.account !== undefined && facts.granted.includes(permission)
}

/** What a principal may do with repositories of a project, whatever its token says. */
export function heldActions(who: Principal, facts: AccessFacts): readonly RepositoryAction[] {
  return (['pull', 'push', 'delete'] as const).filter((action) => holds(who, facts, `repository:${action}`))
}

/** Whether a principal may do `action` in the repository with this full name. */
export function decide(who: Principal, facts: AccessFacts, action: RepositoryAction, repository: string): Decision {
  if (who.kind !== 'anonymous' && facts.account?.revision !== who.revision) return 'stale'
  if (!holds(who, facts, `repository:${action}`)) return who.kind === 'anonymous' ? 'login' : 'denied'
  if (who.grants && !who.grants.some((grant) => grant.name === repository && grant.actions.includes(action))) {
    return 'scope'
  }
  return 'allowed'
}
