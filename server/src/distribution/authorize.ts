import { projectOf, RegistryError, type RepositoryName } from '@breakwater/oci'
import { decide, type RepositoryAction } from '../access/index.ts'
import { currentRevision, type Principal } from '../identity/index.ts'
import { recordRefusal } from '../ledger/index.ts'
import type { Call, DistributionDeps } from './operation.ts'
import type { RepositoryFacts } from './queries.ts'

/** The account changed after its credential was remembered: check the credential again. */
export class StaleCredential extends Error {
  constructor() {
    super('the credential was checked against an earlier state of the account')
    this.name = 'StaleCredential'
  }
}

/** For operations that ask for no project: the account has to be what it was when the credential was checked. */
export async function requireCurrent(deps: DistributionDeps, who: Principal): Promise<void> {
  if (who.kind === 'anonymous') return
  if ((await currentRevision(deps.pool, who)) !== who.revision) throw new StaleCredential()
}

export class InvalidToken extends RegistryError {
  constructor() {
    super('UNAUTHORIZED', 'the token is not valid, or no longer')
  }
}

/** Goes on only if the caller may do `action` in the repository. A refusal is in the ledger before it is answered. */
export async function authorize(
  deps: DistributionDeps,
  { who, actor }: Call,
  facts: RepositoryFacts,
  action: RepositoryAction,
  name: RepositoryName,
): Promise<void> {
  const decision = decide(who, facts, action, name)
  switch (decision) {
    case 'allowed':
      return
    case 'stale':
      throw new StaleCredential()
    case 'login':
    case 'scope':
      throw unauthorized(`unauthorized to access repository: ${name}, action: ${action}`)
    case 'denied': {
      if (facts.account?.systemAdmin) requireProject(facts, name)
      const mayKnow = facts.project && (facts.roles.length > 0 || facts.granted.length > 0 || facts.project.public)
      const reason = mayKnow ? 'role' : 'no access'
      await recordRefusal(deps.pool, actor, { action, object: name, reason, projectId: facts.project?.id })
      const subject = who.kind === 'robot' ? `robot ${who.name}` : who.kind === 'user' ? who.name : 'anonymous'
      const held = who.kind === 'robot' ? 'permission' : 'role'
      const why = mayKnow ? `the ${held} held there does not allow it` : `no such project, or no ${held} in it`
      throw new RegistryError('DENIED', `${subject} may not ${action} in project ${projectOf(name)}: ${why}`)
    }
  }
}

/** Goes on only if the project is there; says so plainly to those who may know. */
export function requireProject(facts: RepositoryFacts, name: RepositoryName): NonNullable<RepositoryFacts['project']> {
  if (facts.project) return facts.project
  throw new RegistryError('NAME_UNKNOWN', `project ${projectOf(name)} not found`, { detail: { name } })
}

export function requireRepository(facts: RepositoryFacts, name: RepositoryName): number {
  if (facts.repositoryId !== undefined) return facts.repositoryId
  throw new RegistryError('NAME_UNKNOWN', `repository ${name} not found`, { detail: { name } })
}

/** Harbor's sentence, which says itself twice. */
export function unauthorized(message: string): RegistryError {
  return new RegistryError('UNAUTHORIZED', `${message}: ${message}`)
}
