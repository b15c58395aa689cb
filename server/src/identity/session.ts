import { createHash, randomBytes } from 'node:crypto'
import type { Db, Tx } from '../metadata/index.ts'
import type { Settings } from '../settings/index.ts'
import type { Principal } from './principal.ts'
import { deleteSession, findSession, insertSession, renewSession } from './session-queries.ts'

/** Browsers' sessions. Only a hash of a cookie's value is kept, so whoever reads the database can't use one. */
export interface Sessions {
  /** The value for the cookie. */
  open(tx: Tx, user: { readonly id: number; readonly revision: number }): Promise<string>
  /** Who has the session, as the database knows them now. `renew`: the session lives on from now. */
  find(sid: string, renew: boolean): Promise<SessionUser | undefined>
  close(tx: Tx, sid: string): Promise<void>
}

export interface SessionUser {
  readonly who: Extract<Principal, { kind: 'user' }>
  readonly systemAdmin: boolean
}

/** Seconds by which a session has to have aged before a request writes its renewal. */
const coarseness = 60

export function createSessions(db: Db, settings: Settings): Sessions {
  const lifetime = async () => (await settings.current()).session_timeout
  return {
    async open(tx, { id, revision }) {
      const sid = newSessionId()
      await insertSession(tx, { id: hashOf(sid), userId: id, revision, lifetime: await lifetime() })
      return sid
    },
    async find(sid, renew) {
      if (!isSessionId(sid)) return undefined
      const id = hashOf(sid)
      const found = await findSession(db, id)
      if (!found) return undefined
      const minutes = await lifetime()
      if (renew && found.left < minutes * 60 - coarseness) await renewSession(db, id, minutes)
      const { userId, name, revision, systemAdmin } = found
      return { who: { kind: 'user', id: userId, name, revision, credential: 'session' }, systemAdmin }
    },
    close: (tx, sid) => deleteSession(tx, hashOf(sid)),
  }
}

/** As Harbor's: 32 hexadecimal digits. */
export function newSessionId(): string {
  return randomBytes(16).toString('hex')
}

function isSessionId(sid: string): boolean {
  return /^[0-9a-f]{32}$/.test(sid)
}

function hashOf(sid: string): Buffer {
  return createHash('sha256').update(sid).digest()
}
