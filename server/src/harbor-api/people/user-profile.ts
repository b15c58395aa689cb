import { RegistryError } from '@breakwater/oci'
import { findAccount, updateProfile } from '../../identity/index.ts'
import { record } from '../../ledger/index.ts'
import { transaction } from '../../metadata/index.ts'
import type { Caller } from '../caller.ts'
import { type ApiDeps, type Handler, ok } from '../operation.ts'
import { refuse, requireInSystem, requireLogin } from '../permit.ts'
import { checkProfile } from './user-rules.ts'

/** PUT /users/{user_id} */
export const changeProfile: Handler<'updateUserProfile'> = async (deps, { caller, params, body }) => {
  const { user_id: id } = params
  await requireModifier(deps, caller, id)
  const profile = checkProfile(body)
  await transaction(deps.pool, async (tx) => {
    const changed = await updateProfile(tx, id, profile)
    if (changed === 'taken') throw new RegistryError('CONFLICT', `email ${profile.email} already exists`)
    if (!changed) throw new RegistryError('NOT_FOUND', `user with id ${id} not found`)
    const object = `user ${changed.name}`
    await record(tx, caller.actor, { action: 'user.update', object, detail: { ...profile } })
  })
  return ok
}

/** Users change themselves, administrators everybody, robots with the permission everybody but administrators. */
export async function requireModifier(deps: ApiDeps, caller: Caller, id: number): Promise<void> {
  requireLogin(caller)
  if (isSelf(caller, id)) return
  const message = `User with ID ${id} can't be updated`
  await requireInSystem(deps, caller, 'user:update', message)
  // A robot that may edit users must not become an administrator by way of an administrator's password.
  if (caller.systemAdmin || !(await findAccount(deps.pool, id))?.systemAdmin) return
  await refuse(deps, caller, 'user:update', `user ${id}`, undefined, message)
}

export function isSelf({ who }: Caller, id: number): boolean {
  return who.kind === 'user' && who.id === id
}
