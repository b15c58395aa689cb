import type { OperationShape } from '@breakwater/harbor-contract'
import { RegistryError } from '@breakwater/oci'
import { type AccessFacts, holds, holdsInSystem, type Permission } from '../access/index.ts'
import { recordRefusal } from '../ledger/index.ts'
import { findProject, type Project } from '../projects/index.ts'
import type { Caller } from './caller.ts'
import type { ApiDeps } from './operation.ts'
import { findPart } from './queries.ts'

type PermitDeps = Pick<ApiDeps, 'pool'>

/** A project, and what the caller is in it. */
export interface ProjectAccess {
  readonly project: Project
  readonly facts: AccessFacts
}

interface NamesProject {
  readonly caller: Caller
  readonly params: { readonly project_name_or_id?: string; readonly project_name?: string }
  readonly headers?: { readonly 'X-Is-Resource-Name'?: boolean }
}

/**
 * The project that the path names, for a caller who has the permission in it. To others, a project that is there and one
 * that is not look the same: 401 for nobody, 403 for somebody. A refusal is in the ledger before it is answered.
 */
export async function requireInProject(
  deps: PermitDeps,
  input: NamesProject,
  permission: Permission,
): Promise<ProjectAccess> {
  const { caller, params } = input
  const given = params.project_name_or_id ?? params.project_name ?? ''
  const byId = params.project_name === undefined && /^\d{1,15}$/.test(given) && !input.headers?.['X-Is-Resource-Name']
  const project = await findProject(deps.pool, byId ? { id: Number(given) } : { name: given })
  if (!project) {
    if (caller.systemAdmin) throw new RegistryError('NOT_FOUND', `project ${given} not found`)
    return refuse(deps, caller, permission, `project ${given}`)
  }
  return requireHere(deps, caller, project, permission)
}

/** The same for a project that is known already. */
export async function requireHere(
  deps: PermitDeps,
  caller: Caller,
  project: Project,
  permission: Permission,
): Promise<ProjectAccess> {
  const facts = await factsOf(deps, caller, project)
  if (!holds(caller.who, facts, permission)) {
    return refuse(deps, caller, permission, `project ${project.name}`, project.id)
  }
  return { project, facts }
}

export async function factsOf(deps: PermitDeps, caller: Caller, project: Project): Promise<AccessFacts> {
  return { project, account: accountOf(caller), ...(await findPart(deps.pool, caller.who, project.id)) }
}

function accountOf({ who, systemAdmin }: Caller): AccessFacts['account'] {
  return who.kind === 'anonymous' ? undefined : { revision: who.revision, systemAdmin }
}

/** For what belongs to no project. `message`: what the refusal says; Harbor's sentences differ by endpoint. */
export async function requireInSystem(
  deps: PermitDeps,
  caller: Caller,
  permission: Permission,
  message = caller.who.kind === 'anonymous' ? 'unauthorized' : caller.who.name,
): Promise<void> {
  if (await maySystem(deps, caller, permission)) return
  await refuse(deps, caller, permission, 'system', undefined, message)
}

export async function maySystem(deps: PermitDeps, caller: Caller, permission: Permission): Promise<boolean> {
  return holdsInSystem(caller.who, await systemFacts(deps, caller), permission)
}

/** What the caller is beside all projects. */
export async function systemFacts(deps: PermitDeps, caller: Caller): Promise<Pick<AccessFacts, 'account' | 'granted'>> {
  const { granted } = await findPart(deps.pool, caller.who, systemScope)
  return { account: accountOf(caller), granted }
}

/** Where robot grants of the system are kept. */
const systemScope = -1

export function requireLogin({ who }: Caller): Exclude<Caller['who'], { kind: 'anonymous' }> {
  if (who.kind === 'anonymous') throw new RegistryError('UNAUTHORIZED', 'unauthorized')
  return who
}

export async function refuse(
  deps: PermitDeps,
  caller: Caller,
  permission: Permission,
  object: string,
  projectId?: number,
  message = 'forbidden',
): Promise<never> {
  const anonymous = caller.who.kind === 'anonymous'
  await recordRefusal(deps.pool, caller.actor, {
    action: permission,
    object,
    reason: anonymous ? 'login' : 'role',
    projectId,
  })
  throw anonymous ? new Refused('UNAUTHORIZED', 'unauthorized') : new Refused('FORBIDDEN', message)
}

/** A refusal that is in the ledger already. */
export class Refused extends RegistryError {}

const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' }

/**
 * Records what an operation has refused by itself, without a permission being asked for: a login that is missing, a
 * robot that would give more than it has. It is called what the path ends with: `robot:create`.
 */
export async function recordRefused(
  deps: PermitDeps,
  caller: Caller,
  { method, path }: Pick<OperationShape, 'method' | 'path'>,
  error: unknown,
): Promise<void> {
  if (!(error instanceof RegistryError) || error instanceof Refused) return
  if (error.status !== 401 && error.status !== 403) return
  const resource = path.split('/').findLast((segment) => segment !== '' && !segment.startsWith('{')) ?? ''
  await recordRefusal(deps.pool, caller.actor, {
    action: `${resource.replace(/s$/, '')}:${verbs[method] ?? 'read'}`,
    object: 'system',
    reason: error.status === 401 ? 'login' : 'rule',
  })
}
