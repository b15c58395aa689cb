import { RegistryError } from '@breakwater/oci'
import { type Authenticator, findAccount } from '../identity/index.ts'
import { type Actor, recordFailedLogin, recordRefusal } from '../ledger/index.ts'
import type { Pool } from '../metadata/index.ts'

export interface ApiDeps {
  readonly pool: Pool
  readonly authenticator: Authenticator
}

/** What of a request tells who sent it. */
export interface RequestFacts {
  readonly authorization: string | undefined
  readonly address: string
  readonly id: string
}

/** Who calls, as the database knows them now. */
export interface Caller {
  readonly id: number
  readonly systemAdmin: boolean
  readonly actor: Actor
}

/** A wrong password is answered as none: the API tells apart only who is logged in and who is not. */
export async function identify(deps: ApiDeps, request: RequestFacts): Promise<Caller> {
  const header = request.authorization
  const checked = await deps.authenticator.authenticate(header)
  const from = { address: request.address, requestId: request.id }
  if (!checked.ok) {
    if (checked.reason === 'bad-password') await recordFailedLogin(deps.pool, checked.name, from, 'api')
    throw new RegistryError('UNAUTHORIZED', 'unauthorized')
  }
  const { who } = checked
  if (who.kind !== 'user' || who.credential !== 'basic') throw new RegistryError('UNAUTHORIZED', 'unauthorized')
  const account = await findAccount(deps.pool, who.id)
  if (!account || account.revision !== who.revision) {
    deps.authenticator.forget(header ?? '')
    throw new RegistryError('UNAUTHORIZED', 'unauthorized')
  }
  return {
    id: who.id,
    systemAdmin: account.systemAdmin,
    actor: { ...from, credential: who.credential, name: `user:${who.name}` },
  }
}

export async function refuse(deps: ApiDeps, caller: Caller, action: string, object: string): Promise<never> {
  await recordRefusal(deps.pool, caller.actor, { action, object, reason: 'role' })
  throw new RegistryError('FORBIDDEN', 'forbidden')
}
