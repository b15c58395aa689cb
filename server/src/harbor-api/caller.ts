import {
  type Authenticator,
  actorName,
  anonymous,
  findAccount,
  findRobotAccount,
  type Principal,
  type Sessions,
} from '../identity/index.ts'
import { type Actor, recordFailedLogin } from '../ledger/index.ts'
import { readCookie, sessionCookie } from '../login/index.ts'
import type { Pool } from '../metadata/index.ts'

/** Who calls, as the database knows them now. */
export interface Caller {
  readonly who: Principal
  readonly systemAdmin: boolean
  readonly actor: Actor
  /** Whether the request came from a browser: with a session's cookie, be it anybody's, and the token against forgery. */
  readonly browser: boolean
}

/** What of a request tells who sent it. */
export interface RequestFacts {
  readonly authorization: string | undefined
  /** The Cookie header. */
  readonly cookie: string | undefined
  /** Whether a session lives on from this request. */
  readonly renews: boolean
  readonly address: string
  readonly id: string
}

/**
 * As in Harbor, a credential that is not good makes a caller anonymous, and what everybody may see is still answered;
 * what needs a login is refused then. Registry tokens are for the registry only. A session counts where there is no
 * Authorization header.
 */
export async function identify(
  deps: { readonly pool: Pool; readonly authenticator: Authenticator; readonly sessions: Sessions },
  request: RequestFacts,
): Promise<Caller> {
  const sid = readCookie(request.cookie, sessionCookie)
  const from = { address: request.address, requestId: request.id }
  const caller = (who: Principal, systemAdmin: boolean): Caller => ({
    who,
    systemAdmin,
    actor: { ...from, name: actorName(who), credential: who.credential },
    browser: sid !== undefined,
  })
  const nobody = caller(anonymous, false)
  if (request.authorization === undefined) {
    const session = sid === undefined ? undefined : await deps.sessions.find(sid, request.renews)
    return session ? caller(session.who, session.systemAdmin) : nobody
  }
  const checked = await deps.authenticator.authenticate(request.authorization, request.address)
  if (!checked.ok) {
    if (checked.reason === 'bad-password') await recordFailedLogin(deps.pool, checked.name, from, 'api')
    return nobody
  }
  const found = await stateOf(deps, checked.who)
  if (!found || found.current) return found ? caller(checked.who, found.systemAdmin) : nobody
  // The account has changed since the credential was remembered: it may still be good.
  deps.authenticator.forget(request.authorization)
  const again = await deps.authenticator.authenticate(request.authorization, request.address)
  const now = again.ok ? await stateOf(deps, again.who) : undefined
  return again.ok && now?.current ? caller(again.who, now.systemAdmin) : nobody
}

/** Undefined where a credential is none for this API; not `current` where its account has changed or is gone. */
async function stateOf(
  { pool }: { readonly pool: Pool },
  who: Principal,
): Promise<{ readonly current: boolean; readonly systemAdmin: boolean } | undefined> {
  if (who.kind === 'anonymous' || who.credential === 'token') return undefined
  const account = who.kind === 'user' ? await findAccount(pool, who.id) : await findRobotAccount(pool, who.id)
  return { current: account?.revision === who.revision, systemAdmin: account?.systemAdmin ?? false }
}
