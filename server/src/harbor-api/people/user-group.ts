import { RegistryError } from '@breakwater/oci'
import { createGroup, deleteGroup, findGroup, listGroups, renameGroup, type UserGroup } from '../../identity/index.ts'
import { record } from '../../ledger/index.ts'
import { transaction } from '../../metadata/index.ts'
import { type ApiDeps, created, type HandlersOf, json, ok } from '../operation.ts'
import { requireInSystem, requireLogin } from '../permit.ts'
import { list, pageOf, windowOf } from '../request/page.ts'
import { checkGroup, checkGroupName } from './user-group-rules.ts'

/** Groups of sign-in providers: roles may be given to them before anybody of them has signed in. */
export const userGroupHandlers: HandlersOf<
  'listUserGroups' | 'createUserGroup' | 'searchUserGroups' | 'getUserGroup' | 'updateUserGroup' | 'deleteUserGroup'
> = {
  async listUserGroups(deps, input) {
    const { caller, query } = input
    await requireInSystem(deps, caller, 'user-group:list')
    const page = pageOf(query)
    const asked = { named: query.group_name ?? '', ldapDn: query.ldap_group_dn ?? '' }
    const found = await listGroups(deps.pool, asked, windowOf(page))
    return list(input, found.groups.map(groupAnswer), found.total, page)
  },

  async createUserGroup(deps, input) {
    const { caller, body } = input
    await requireInSystem(deps, caller, 'user-group:create')
    const group = checkGroup(body)
    const id = await transaction(deps.pool, async (tx) => {
      const made = await createGroup(tx, group)
      if (made === undefined) throw duplicate(group)
      const detail = { type: group.type, ...(group.ldapDn ? { ldapDn: group.ldapDn } : {}) }
      await record(tx, caller.actor, { action: 'user-group.create', object: `user group ${group.name}`, detail })
      return made
    })
    return created(input, id)
  },

  async searchUserGroups(deps, input) {
    const { caller, query } = input
    requireLogin(caller)
    if (!query.groupname) {
      throw new RegistryError('BAD_REQUEST', 'need to provide groupname to search user group')
    }
    const page = pageOf(query)
    const found = await listGroups(deps.pool, { named: query.groupname, ldapDn: '' }, windowOf(page))
    const items = found.groups.map(({ id, name, type }) => ({ group_name: name, group_type: type, id }))
    return list(input, items, found.total, page)
  },

  async getUserGroup(deps, { caller, params }) {
    await requireInSystem(deps, caller, 'user-group:read')
    return json(groupAnswer(await knownGroup(deps, params.group_id)))
  },

  async updateUserGroup(deps, { caller, params, body }) {
    await requireInSystem(deps, caller, 'user-group:update')
    const name = checkGroupName(body.group_name)
    const group = await knownGroup(deps, params.group_id)
    await transaction(deps.pool, async (tx) => {
      if (!(await renameGroup(tx, group.id, name))) throw duplicate({ ...group, name })
      const object = `user group ${group.name}`
      await record(tx, caller.actor, { action: 'user-group.update', object, detail: { name } })
    })
    return ok
  },

  async deleteUserGroup(deps, { caller, params }) {
    await requireInSystem(deps, caller, 'user-group:delete')
    const group = await knownGroup(deps, params.group_id)
    await transaction(deps.pool, async (tx) => {
      await deleteGroup(tx, group.id)
      await record(tx, caller.actor, { action: 'user-group.delete', object: `user group ${group.name}` })
    })
    return ok
  },
}

async function knownGroup({ pool }: ApiDeps, id: number): Promise<UserGroup> {
  if (id <= 0) throw new RegistryError('BAD_REQUEST', 'the group id should be provided')
  const group = await findGroup(pool, { id })
  if (!group) throw new RegistryError('NOT_FOUND', `the user group with id ${id} is not found`)
  return group
}

function duplicate({ name, type, ldapDn }: Omit<UserGroup, 'id'>): RegistryError {
  const message = `duplicate user group, group name:${name}, group type: ${type}, ldap group DN: ${ldapDn}`
  return new RegistryError('CONFLICT', message)
}

function groupAnswer({ id, name, type, ldapDn }: UserGroup) {
  return { group_name: name, group_type: type, id, ...(ldapDn ? { ldap_group_dn: ldapDn } : {}) }
}
