import { RegistryError } from '@breakwater/oci'
import { changePassword, findAccount } from '../../identity/index.ts'
import { record, recordFailedLogin } from '../../ledger/index.ts'
import { transaction } from '../../metadata/index.ts'
import { type Handler, ok } from '../operation.ts'
import { Refused } from '../permit.ts'
import { isSelf, requireModifier } from './user-profile.ts'
import { checkPassword } from './user-rules.ts'

/**
 * PUT /users/{user_id}/password. Whoever changes one's own password tells the old one, under the same limit as a login.
 * The account's sessions, tokens and remembered passwords end with the change.
 */
export const changeUserPassword: Handler<'updateUserPassword'> = async (deps, { caller, params, body }) => {
  const { user_id: id } = params
  const { actor } = caller
  await requireModifier(deps, caller, id)
  const user = await findAccount(deps.pool, id)
  if (!user) throw new RegistryError('NOT_FOUND', `user with id ${id} not found`)
  if (isSelf(caller, id)) {
    const checked = await deps.authenticator.login(user.name, body.old_password ?? '', actor.address)
    if (!checked.ok) {
      await recordFailedLogin(deps.pool, user.name, actor, 'api')
      throw new Refused('FORBIDDEN', 'Current password is incorrect')
    }
  }
  const password = checkPassword(body.new_password)
  if (await deps.passwords.matches(user.passwordHash ?? undefined, password, actor.address)) {
    throw new RegistryError('BAD_REQUEST', 'New password is identical to old password')
  }
  const passwordHash = await deps.passwords.hash(password, actor.address)
  await transaction(deps.pool, async (tx) => {
    const name = await changePassword(tx, id, passwordHash)
    if (name === undefined) throw new RegistryError('NOT_FOUND', `user with id ${id} not found`)
    await record(tx, actor, { action: 'user.update', object: `user ${name}`, detail: { password: 'changed' } })
  })
  return ok
}
