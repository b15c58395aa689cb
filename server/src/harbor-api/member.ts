import { RegistryError } from '@breakwater/oci'
import { type Static, Type } from 'typebox'
import { isRole } from '../access/index.ts'
import type { Reply } from '../http/index.ts'
import { findAccount, findUser } from '../identity/index.ts'
import { record } from '../ledger/index.ts'
import { transaction } from '../metadata/index.ts'
import { addMember } from '../projects/index.ts'
import type { ApiDeps } from './caller.ts'
import type { Input } from './operation.ts'
import { requireProjectAdmin, visibleProject } from './project.ts'

export const memberBody = Type.Object({
  role_id: Type.Integer(),
  member_user: Type.Object({
    username: Type.Optional(Type.String()),
    user_id: Type.Optional(Type.Integer()),
  }),
})

/** POST /projects/{project_name_or_id}/members */
export async function createProjectMember(deps: ApiDeps, input: Input): Promise<Reply> {
  const { caller } = input
  const project = await visibleProject(deps, input)
  await requireProjectAdmin(deps, caller, project, 'member.create')
  const asked = input.body as Static<typeof memberBody>
  const role = asked.role_id
  if (!isRole(role)) throw new RegistryError('BAD_REQUEST', 'Failed to update project member, role is not in 1,2,3')
  const user = await namedUser(deps, asked.member_user)
  const id = await transaction(deps.pool, async (tx) => {
    const made = await addMember(tx, project.id, user.id, role)
    if (made === undefined) throw new RegistryError('CONFLICT', 'The project member specified already exist')
    await record(tx, caller.actor, {
      action: 'member.create',
      object: `project ${project.name}`,
      detail: { member: `user:${user.name}`, role },
    })
    return made
  })
  return { status: 201, headers: { Location: `/api/v2.0/projects/${project.id}/members/${id}` } }
}

async function namedUser(deps: ApiDeps, by: Static<typeof memberBody>['member_user']) {
  const user = by.user_id ? await findAccount(deps.pool, by.user_id) : await findUser(deps.pool, by.username ?? '')
  if (!user) throw new RegistryError('NOT_FOUND', `user ${by.username ?? by.user_id ?? ''} not found`)
  return user
}
