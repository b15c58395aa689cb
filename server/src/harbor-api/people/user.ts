import { RegistryError } from '@breakwater/oci'
import {
  findProfile,
  hasAdministrator,
  createUser as insertUser,
  deleteUser as markDeleted,
  setSystemAdmin,
  type UserProfile,
} from '../../identity/index.ts'
import { record } from '../../ledger/index.ts'
import { transaction } from '../../metadata/index.ts'
import type { Caller } from '../caller.ts'
import { type ApiDeps, created, type HandlersOf, json, ok } from '../operation.ts'
import { maySystem, refuse, requireInSystem, requireLogin } from '../permit.ts'
import { listAllUsers, searchUserNames, userAnswer } from './user-list.ts'
import { changeUserPassword } from './user-password.ts'
import { currentPermissions } from './user-permissions.ts'
import { changeProfile, isSelf } from './user-profile.ts'
import { checkPassword, checkProfile, checkUserName } from './user-rules.ts'

export const userHandlers: HandlersOf<
  | 'listUsers'
  | 'createUser'
  | 'getCurrentUserInfo'
  | 'searchUsers'
  | 'getUser'
  | 'updateUserProfile'
  | 'deleteUser'
  | 'setUserSysAdmin'
  | 'updateUserPassword'
  | 'getCurrentUserPermissions'
  | 'setCliSecret'
> = {
  listUsers: listAllUsers,
  searchUsers: searchUserNames,
  updateUserProfile: changeProfile,
  updateUserPassword: changeUserPassword,
  getCurrentUserPermissions: currentPermissions,

  async createUser(deps, input) {
    const { caller, body } = input
    await requireCreator(deps, caller)
    const password = checkPassword(body.password)
    const profile = checkProfile(body)
    const name = checkUserName(body.username)
    const passwordHash = await deps.passwords.hash(password, caller.actor.address)
    const id = await transaction(deps.pool, async (tx) => {
      const made = await insertUser(tx, { name, passwordHash, ...profile })
      if (made === undefined) {
        throw new RegistryError('CONFLICT', `user ${name} or email ${profile.email} already exists`)
      }
      await record(tx, caller.actor, { action: 'user.create', object: `user ${name}` })
      return made
    })
    return created(input, id)
  },

  async getCurrentUserInfo(deps, { caller }) {
    const who = requireLogin(caller)
    if (who.kind !== 'user') {
      const message = 'get current user not available for security context: robot'
      throw new RegistryError('PRECONDITION', message)
    }
    return json(userAnswer(await knownUser(deps, who.id)))
  },

  async getUser(deps, { caller, params }) {
    const { user_id: id } = params
    requireLogin(caller)
    if (!isSelf(caller, id)) await requireInSystem(deps, caller, 'user:read', `Not authorized to read user: ${id}`)
    return json(userAnswer(await knownUser(deps, id)))
  },

  async deleteUser(deps, { caller, params }) {
    const { user_id: id } = params
    requireLogin(caller)
    await requireInSystem(deps, caller, 'user:delete', 'Not authorized to delete users')
    if (id === 1 || isSelf(caller, id)) {
      await refuse(deps, caller, 'user:delete', `user ${id}`, undefined, `User with ID ${id} cannot be deleted`)
    }
    await transaction(deps.pool, async (tx) => {
      const name = await markDeleted(tx, id)
      if (name === undefined) throw new RegistryError('NOT_FOUND', `user ${id} not found`)
      await record(tx, caller.actor, { action: 'user.delete', object: `user ${name}` })
    })
    return ok
  },

  async setUserSysAdmin(deps, { caller, params, body }) {
    await requireInSystem(deps, caller, 'user:update')
    // Else a robot that may edit users could make an administrator, and be one through them.
    if (!caller.systemAdmin) await refuse(deps, caller, 'user:update', `user ${params.user_id}`)
    const systemAdmin = body.sysadmin_flag ?? false
    await transaction(deps.pool, async (tx) => {
      const name = await setSystemAdmin(tx, params.user_id, systemAdmin)
      if (name === undefined) throw new RegistryError('NOT_FOUND', `user with id ${params.user_id} not found`)
      if (!(await hasAdministrator(tx))) {
        throw new RegistryError('PRECONDITION', `${name} is the last system administrator: name another one first`)
      }
      const detail = { systemAdmin }
      await record(tx, caller.actor, { action: 'user.update', object: `user ${name}`, detail })
    })
    return ok
  },

  async setCliSecret() {
    throw new RegistryError('PRECONDITION', 'unable to update CLI secret under authmode: db_auth')
  },
}

/** People may make accounts for themselves where the settings say so, with a browser and not by a program. */
async function requireCreator(deps: ApiDeps, caller: Caller): Promise<void> {
  const { self_registration: everybody } = await deps.settings.current()
  if (!everybody) return requireInSystem(deps, caller, 'user:create')
  if (caller.browser || (await maySystem(deps, caller, 'user:create'))) return
  throw new RegistryError('FORBIDDEN', 'self-registration cannot be triggered via API')
}

async function knownUser({ pool }: ApiDeps, id: number): Promise<UserProfile> {
  const user = await findProfile(pool, id)
  if (!user) throw new RegistryError('NOT_FOUND', `user ${id} not found`)
  return user
}
