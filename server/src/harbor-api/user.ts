import { RegistryError } from '@breakwater/oci'
import { type Static, Type } from 'typebox'
import type { Reply } from '../http/index.ts'
import { hashPassword, createUser as insertUser, deleteUser as markDeleted } from '../identity/index.ts'
import { record } from '../ledger/index.ts'
import { transaction } from '../metadata/index.ts'
import { type ApiDeps, refuse } from './caller.ts'
import type { Input } from './operation.ts'

export const userBody = Type.Object({
  username: Type.String(),
  password: Type.String(),
  email: Type.Optional(Type.String()),
  realname: Type.Optional(Type.String()),
  comment: Type.Optional(Type.String()),
})

/** Harbor's rule, and the characters that would break `user:password` or a log line. */
const passwordRule = /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z]).{8,128}$/
const userName = /^[^,"~#%$:\s/\\]{1,255}$/

/** POST /users */
export async function createUser(deps: ApiDeps, { caller, body, path }: Input): Promise<Reply> {
  if (!caller.systemAdmin) return refuse(deps, caller, 'user.create', 'users')
  const asked = body as Static<typeof userBody>
  if (!userName.test(asked.username)) {
    throw new RegistryError('BAD_REQUEST', 'username has 1 to 255 characters and none of , " ~ # % $ : / \\ or blanks')
  }
  if (!passwordRule.test(asked.password)) {
    throw new RegistryError(
      'BAD_REQUEST',
      'the password or secret must be longer than 8 chars with at least 1 uppercase letter, 1 lowercase letter and 1 number',
    )
  }
  const passwordHash = await hashPassword(asked.password)
  const id = await transaction(deps.pool, async (tx) => {
    const made = await insertUser(tx, {
      name: asked.username,
      email: asked.email,
      realname: asked.realname ?? '',
      comment: asked.comment ?? '',
      passwordHash,
    })
    if (made === undefined) {
      throw new RegistryError('CONFLICT', `user ${asked.username} or email ${asked.email ?? ''} already exists`)
    }
    await record(tx, caller.actor, { action: 'user.create', object: `user ${asked.username}` })
    return made
  })
  return { status: 201, headers: { Location: `${path}/${id}` } }
}

/** DELETE /users/{user_id} */
export async function deleteUser(deps: ApiDeps, { caller, params }: Input): Promise<Reply> {
  const given = params['user_id'] ?? ''
  if (!caller.systemAdmin) return refuse(deps, caller, 'user.delete', `user ${given}`)
  const id = Number(given)
  if (!Number.isSafeInteger(id))
    throw new RegistryError('UNPROCESSABLE_ENTITY', 'validation failure list:\nuser_id in path must be of type integer')
  if (id === 1 || id === caller.id) return refuse(deps, caller, 'user.delete', `user ${given}`)
  await transaction(deps.pool, async (tx) => {
    const name = await markDeleted(tx, id)
    if (name === undefined) throw new RegistryError('NOT_FOUND', `user with id ${id} not found`)
    await record(tx, caller.actor, { action: 'user.delete', object: `user ${name}` })
  })
  return { status: 200 }
}
