import { grantable, type Permission } from '../../access/index.ts'
import { isAdministratorSomewhere } from '../../projects/index.ts'
import { type HandlersOf, json } from '../operation.ts'
import { refuse } from '../permit.ts'

/** What robots may be granted. Project administrators are shown what concerns projects. */
export const permissionsHandlers: HandlersOf<'getPermissions'> = {
  async getPermissions(deps, { caller }) {
    const { who, systemAdmin } = caller
    const project = listOf(grantable.project)
    if (systemAdmin) return json({ project, system: listOf(grantable.system) })
    if (who.kind === 'user' && (await isAdministratorSomewhere(deps.pool, who.id))) return json({ project })
    const message = 'forbidden: only admins(system and project) can access permissions'
    return refuse(deps, caller, 'permissions:read', 'system', undefined, message)
  },
}

function listOf(permissions: ReadonlySet<Permission>): { resource: string; action: string }[] {
  return [...permissions].sort().map((permission) => {
    const [resource = '', action = ''] = permission.split(':')
    return { resource, action }
  })
}
