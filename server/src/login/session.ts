import { RegistryError } from '@breakwater/oci'
import { type Authenticator, actorName, findProfile, findUser, type Sessions } from '../identity/index.ts'
import { record, recordFailedLogin } from '../ledger/index.ts'
import { type Pool, transaction } from '../metadata/index.ts'
import type { Settings } from '../settings/index.ts'

interface Deps {
  readonly pool: Pool
  readonly authenticator: Authenticator
  readonly sessions: Sessions
  readonly settings: Settings
}

/** A request of a browser. */
export interface BrowserCall {
  /** The session that it carries, which may be nobody's. */
  readonly sid: string | undefined
  readonly address: string
  readonly requestId: string
}

/** The new session's id; undefined where the password is wrong. A session that the browser had ends. */
export async function startSession(
  deps: Deps,
  principal: string,
  password: string,
  call: BrowserCall,
): Promise<string | undefined> {
  const { sid: old, ...from } = call
  const checked = await deps.authenticator.login(principal, password, call.address)
  if (!checked.ok) {
    await recordFailedLogin(deps.pool, principal, from, 'api')
    return undefined
  }
  const { who } = checked
  // Robots have no use for a browser.
  if (who.kind !== 'user') return undefined
  return transaction(deps.pool, async (tx) => {
    if (old !== undefined) await deps.sessions.close(tx, old)
    const actor = { ...from, name: actorName(who), credential: 'session' as const }
    await record(tx, actor, { action: 'user.login', object: `user ${who.name}` })
    return deps.sessions.open(tx, who)
  })
}

export async function endSession(deps: Deps, { sid, ...from }: BrowserCall): Promise<void> {
  const session = sid === undefined ? undefined : await deps.sessions.find(sid, false)
  if (sid === undefined || !session) return
  const { who } = session
  await transaction(deps.pool, async (tx) => {
    await deps.sessions.close(tx, sid)
    const actor = { ...from, name: actorName(who), credential: who.credential }
    await record(tx, actor, { action: 'user.logout', object: `user ${who.name}` })
  })
}

/** Whether a user name or an e-mail address is taken: for those who may make accounts. Throws PRECONDITION for others. */
export async function userExists(deps: Deps, target: string, value: string, { sid }: BrowserCall): Promise<boolean> {
  const { self_registration: everybody } = await deps.settings.current()
  const session = sid === undefined ? undefined : await deps.sessions.find(sid, true)
  if (!everybody && !session?.systemAdmin) {
    const message = 'self registration disabled, only sysadmin can check user existence'
    throw new RegistryError('PRECONDITION', message)
  }
  const user = await findUser(deps.pool, value)
  const profile = user && (await findProfile(deps.pool, user.id))
  const taken = target === 'email' ? profile?.email : profile?.name
  return taken?.toLowerCase() === value.toLowerCase()
}
