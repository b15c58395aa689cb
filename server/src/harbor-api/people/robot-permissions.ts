import type { RobotPermission } from '@breakwater/harbor-contract'
import { RegistryError } from '@breakwater/oci'
import { grantable, type Permission } from '../../access/index.ts'
import type { Principal, Robot, RobotGrant } from '../../identity/index.ts'
import { findProject } from '../../projects/index.ts'
import type { Caller } from '../caller.ts'
import type { ApiDeps } from '../operation.ts'
import { findGrants } from '../queries.ts'

const everyProject = 0
const wholeSystem = -1

/** The permissions of a request as grants. Throws BAD_REQUEST with Harbor's sentences, NOT_FOUND for a project. */
export async function readPermissions(
  deps: ApiDeps,
  level: 'system' | 'project',
  given: readonly RobotPermission[] | undefined,
): Promise<RobotGrant[]> {
  if (!given || given.length === 0) throw bad('bad request empty permission')
  if (level === 'project' && given.length > 1) throw bad('bad request permission')
  const grants = await Promise.all(given.map((block) => readBlock(deps, level, block)))
  return grants.flat()
}

async function readBlock(deps: ApiDeps, level: string, block: RobotPermission): Promise<RobotGrant[]> {
  const kind = block.kind ?? ''
  if ((kind !== 'project' && kind !== 'system') || (level === 'project' && kind === 'system')) {
    throw bad(`bad request permission level: ${kind}`)
  }
  if (!block.access || block.access.length === 0) throw bad('bad request empty access')
  const permissions = block.access.map(({ resource = '', action = '', effect = 'allow' }) => {
    const permission: Permission = `${resource}:${action}`
    if (!grantable[kind].has(permission)) throw bad(`bad request permission: ${permission}`)
    if (effect !== '' && effect !== 'allow')
      throw bad(`bad request effect of ${permission}: ${effect}, it can only be allow`)
    return { resource, action }
  })
  const projectId = await readNamespace(deps, level, kind, block.namespace ?? '')
  return permissions.map((permission) => ({ projectId, ...permission }))
}

async function readNamespace(deps: ApiDeps, level: string, kind: 'project' | 'system', name: string): Promise<number> {
  if (kind === 'system') {
    if (name !== '/') throw bad(`bad request namespace: ${name}, a permission of the kind system has the namespace /`)
    return wholeSystem
  }
  if (name === '*' && level === 'system') return everyProject
  const project = await findProject(deps.pool, { name })
  if (!project) throw new RegistryError('NOT_FOUND', `project ${name} not found`)
  return project.id
}

/** A robot may give other robots only what it has itself. */
export async function requireWithinCreator(
  deps: ApiDeps,
  { who }: Caller,
  grants: readonly RobotGrant[],
): Promise<void> {
  if (who.kind !== 'robot') return
  const own = await findGrants(deps.pool, who.id)
  const has = (wanted: RobotGrant) =>
    own.some(
      ({ projectId, resource, action }) =>
        resource === wanted.resource &&
        action === wanted.action &&
        (projectId === wanted.projectId || (projectId === everyProject && wanted.projectId > 0)),
    )
  if (grants.every(has)) return
  const said = own.map(({ projectId, resource, action }) => `${scopeName(projectId)}${resource}:${action}`).join(', ')
  throw new RegistryError(
    'DENIED',
    `permission scope is invalid. It must be equal to or more restrictive than the creator robot's permissions: ${said}`,
  )
}

function scopeName(projectId: number): string {
  if (projectId === wholeSystem) return '/'
  return projectId === everyProject ? '/project/*/' : `/project/${projectId}/`
}

/** The grants of a robot as Harbor groups them. */
export function permissionsAnswer({ grants }: Robot): RobotPermission[] {
  const blocks = new Map<number, RobotPermission & { access: { resource: string; action: string }[] }>()
  for (const { projectId, project, resource, action } of grants) {
    const block = blocks.get(projectId) ?? {
      kind: projectId === wholeSystem ? 'system' : 'project',
      namespace: projectId === wholeSystem ? '/' : (project ?? '*'),
      access: [],
    }
    block.access.push({ resource, action })
    blocks.set(projectId, block)
  }
  return [...blocks.values()]
}

export function creatorOf(who: Exclude<Principal, { kind: 'anonymous' }>) {
  return { creatorType: who.kind === 'robot' ? ('robot' as const) : ('local' as const), creatorId: who.id }
}

function bad(message: string): RegistryError {
  return new RegistryError('BAD_REQUEST', message)
}
