import { grantable, harborRolePermissions, holds, holdsInSystem, type Permission } from '../../access/index.ts'
import { findProject } from '../../projects/index.ts'
import { type Handler, json } from '../operation.ts'
import { factsOf, requireLogin, systemFacts } from '../permit.ts'

/** All that there is to hold: a system administrator holds it. */
const inProject = [...harborRolePermissions[1]]
const inSystem: readonly Permission[] = [
  ...grantable.system,
  'project:read',
  'project:update',
  'project:delete',
  'configuration:read',
  'configuration:update',
]

/**
 * GET /users/current/permissions: what of a scope the caller holds. `relative` takes the scope off the resources; the
 * project itself is then `.`. A scope that is not known holds nothing.
 */
export const currentPermissions: Handler<'getCurrentUserPermissions'> = async (deps, { caller, query }) => {
  requireLogin(caller)
  const { scope = '', relative = false } = query
  const held: Permission[] = []
  if (scope === '/system') {
    const facts = await systemFacts(deps, caller)
    held.push(...inSystem.filter((permission) => holdsInSystem(caller.who, facts, permission)))
  }
  const id = /^\/project\/(\d{1,15})$/.exec(scope)?.[1]
  const project = id && (await findProject(deps.pool, { id: Number(id) }))
  if (project) {
    const facts = await factsOf(deps, caller, project)
    held.push(...inProject.filter((permission) => holds(caller.who, facts, permission)))
  }
  return json(
    held.map((permission) => {
      const [resource = '', action = ''] = permission.split(':')
      const own = id !== undefined && resource === 'project' ? '' : resource
      if (relative) return { resource: own || '.', action }
      return { resource: own ? `${scope}/${own}` : scope, action }
    }),
  )
}
