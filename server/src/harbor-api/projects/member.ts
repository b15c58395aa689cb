import type { ProjectMember, ProjectMemberEntity } from '@breakwater/harbor-contract'
import { RegistryError } from '@breakwater/oci'
import { isRole, type RoleId, roleName } from '../../access/index.ts'
import { findAccount, findGroup, findUser } from '../../identity/index.ts'
import { record } from '../../ledger/index.ts'
import { transaction } from '../../metadata/index.ts'
import {
  addMember,
  findMember,
  listMembers,
  type Member,
  type Project,
  removeMember,
  updateMember,
} from '../../projects/index.ts'
import { type ApiDeps, created, type HandlersOf, json, ok } from '../operation.ts'
import { requireInProject } from '../permit.ts'
import { list, pageOf, windowOf } from '../request/page.ts'

/** Who has which role in a project: users and groups. */
export const memberHandlers: HandlersOf<
  'listProjectMembers' | 'createProjectMember' | 'getProjectMember' | 'updateProjectMember' | 'deleteProjectMember'
> = {
  async listProjectMembers(deps, input) {
    const { project } = await requireInProject(deps, input, 'member:list')
    const page = pageOf(input.query)
    const found = await listMembers(deps.pool, project.id, input.query.entityname ?? '', windowOf(page))
    return list(input, found.members.map(memberAnswer), found.total, page)
  },

  async createProjectMember(deps, input) {
    const { caller, body } = input
    const { project } = await requireInProject(deps, input, 'member:create')
    const role = checkRole(body.role_id)
    const { entity, name } = await namedEntity(deps, body)
    const id = await transaction(deps.pool, async (tx) => {
      const made = await addMember(tx, project.id, entity, role)
      if (made === undefined) throw new RegistryError('CONFLICT', 'The project member specified already exist')
      await record(tx, caller.actor, {
        projectId: project.id,
        action: 'member.create',
        object: `project ${project.name}`,
        detail: { member: name, role: roleName(role) },
      })
      return made
    })
    return created(input, id)
  },

  async getProjectMember(deps, input) {
    const { project } = await requireInProject(deps, input, 'member:read')
    return json(memberAnswer(await knownMember(deps, project, input.params.mid)))
  },

  async updateProjectMember(deps, input) {
    const { caller, body } = input
    const { project } = await requireInProject(deps, input, 'member:update')
    const member = await knownMember(deps, project, input.params.mid)
    const role = checkRole(body.role_id)
    await transaction(deps.pool, async (tx) => {
      await updateMember(tx, member.id, role)
      await record(tx, caller.actor, {
        projectId: project.id,
        action: 'member.update',
        object: `project ${project.name}`,
        detail: { member: nameOf(member), role: roleName(role) },
      })
    })
    return ok
  },

  async deleteProjectMember(deps, input) {
    const { caller } = input
    const { project } = await requireInProject(deps, input, 'member:delete')
    const member = await knownMember(deps, project, input.params.mid)
    await transaction(deps.pool, async (tx) => {
      await removeMember(tx, member.id)
      await record(tx, caller.actor, {
        projectId: project.id,
        action: 'member.delete',
        object: `project ${project.name}`,
        detail: { member: nameOf(member) },
      })
    })
    return ok
  },
}

function checkRole(id: number | undefined): RoleId {
  if (id !== undefined && isRole(id)) return id
  throw new RegistryError('BAD_REQUEST', 'Failed to update project member, role is not in 1,2,3')
}

/** The user or the group that a body names, by id or by name. */
async function namedEntity({ pool }: ApiDeps, { member_user: user, member_group: group }: ProjectMember) {
  if (user) {
    const found = user.user_id ? await findAccount(pool, user.user_id) : await findUser(pool, user.username ?? '')
    if (!found) throw new RegistryError('NOT_FOUND', `user ${user.username ?? user.user_id ?? ''} not found`)
    return { entity: { userId: found.id }, name: `user:${found.name}` }
  }
  if (group) {
    const found = await findGroup(pool, {
      id: group.id,
      name: group.group_name,
      type: group.group_type,
      ldapDn: group.ldap_group_dn,
    })
    if (!found) {
      const asked = group.id || group.ldap_group_dn || group.group_name || ''
      throw new RegistryError('NOT_FOUND', `user group ${asked} not found`)
    }
    return { entity: { groupId: found.id }, name: `group:${found.name}` }
  }
  throw new RegistryError('BAD_REQUEST', 'member_user or member_group is required')
}

async function knownMember({ pool }: ApiDeps, project: Project, id: number): Promise<Member> {
  const member = await findMember(pool, project.id, id)
  if (!member) throw new RegistryError('NOT_FOUND', `project member ${id} not found`)
  return member
}

function nameOf({ entity, entityName }: Member): string {
  return `${entity}:${entityName}`
}

function memberAnswer(member: Member): ProjectMemberEntity {
  return {
    id: member.id,
    project_id: member.projectId,
    entity_name: member.entityName,
    role_name: isRole(member.roleId) ? roleName(member.roleId) : '',
    role_id: member.roleId,
    entity_id: member.entityId,
    entity_type: member.entity === 'user' ? 'u' : 'g',
  }
}
