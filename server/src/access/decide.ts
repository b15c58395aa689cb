import type { Principal } from '../identity/index.ts'
import { type RepositoryAction, type RoleId, repositoryActions } from './role.ts'

/** What the database says about a principal and a project at the moment of the request. */
export interface AccessFacts {
  readonly project: { readonly id: number; readonly public: boolean } | undefined
  /** Undefined where the account is gone. */
  readonly account: { readonly revision: number; readonly systemAdmin: boolean } | undefined
  readonly role: RoleId | undefined
}

/**
 * - `stale`: the account changed after the credential was checked.
 * - `login`: nobody is logged in, and it takes somebody.
 * - `scope`: the account may, but the token was not asked for it.
 * - `denied`: the account may not.
 */
export type Decision = 'allowed' | 'stale' | 'login' | 'scope' | 'denied'

const every: readonly RepositoryAction[] = ['pull', 'push', 'delete']

/** What a principal may do in a project by role, whatever its token says. */
export function heldActions(who: Principal, facts: AccessFacts): readonly RepositoryAction[] {
  if (!facts.project) return []
  if (who.kind === 'user') {
    if (facts.account?.systemAdmin) return every
    if (facts.role) return repositoryActions(facts.role)
  }
  return facts.project.public ? ['pull'] : []
}

/** Whether a principal may do `action` in the repository with this full name. */
export function decide(who: Principal, facts: AccessFacts, action: RepositoryAction, repository: string): Decision {
  if (who.kind === 'user' && facts.account?.revision !== who.revision) return 'stale'
  if (!heldActions(who, facts).includes(action)) return who.kind === 'user' ? 'denied' : 'login'
  if (who.grants && !who.grants.some((grant) => grant.name === repository && grant.actions.includes(action))) {
    return 'scope'
  }
  return 'allowed'
}
