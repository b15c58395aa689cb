import { createHmac, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Db } from '../metadata/index.ts'
import { hashPassword, verifyPassword } from './password.ts'
import { anonymous, type Principal } from './principal.ts'
import { findUser, type User } from './queries.ts'
import type { Tokens } from './token.ts'

export type Authentication =
  | { readonly ok: true; readonly who: Principal }
  | { readonly ok: false; readonly reason: 'bad-password' | 'bad-token' | 'unsupported'; readonly name: string }

export interface Authenticator {
  /** Reads an Authorization header. Without one, somebody is anonymous. */
  authenticate(header: string | undefined): Authentication | Promise<Authentication>
  /** Checks a password anew at its next use: the account has changed since it was remembered. */
  forget(header: string): void
}

/** How long a checked password is remembered, so that a login costs one argon2id hash a minute at most. */
const remembered = 60_000

export function createAuthenticator(db: Db, tokens: Tokens): Authenticator {
  // Passwords are remembered only as keyed hashes, under a key that dies with the process.
  const key = randomBytes(32)
  const good = new LRUCache<string, Principal>({ max: 10_000, ttl: remembered })
  const checking = new Map<string, Promise<Authentication>>()
  let decoy: Promise<string> | undefined

  /** An unknown name takes as long as a wrong password, so that names can't be told apart. */
  async function passwordMatches(user: User | undefined, password: string): Promise<boolean> {
    if (user?.passwordHash) return verifyPassword(user.passwordHash, password)
    decoy ??= hashPassword(randomBytes(16).toString('hex'))
    await verifyPassword(await decoy, password)
    return false
  }

  async function checkPassword(name: string, password: string, memory: string): Promise<Authentication> {
    const user = await findUser(db, name)
    if (!(await passwordMatches(user, password)) || !user) return { ok: false, reason: 'bad-password', name }
    const who: Principal = {
      kind: 'user',
      id: user.id,
      name: user.name,
      revision: user.revision,
      credential: 'basic',
    }
    good.set(memory, who)
    return { ok: true, who }
  }

  const memoryOf = (text: string) => createHmac('sha256', key).update(text).digest('base64')

  function basic(text: string): Authentication | Promise<Authentication> {
    const colon = text.indexOf(':')
    if (colon < 0) return { ok: false, reason: 'unsupported', name: '' }
    const name = text.slice(0, colon)
    const password = text.slice(colon + 1)
    const memory = memoryOf(text)
    const who = good.get(memory)
    if (who) return { ok: true, who }
    const running = checking.get(memory)
    if (running) return running
    const check = checkPassword(name, password, memory).finally(() => checking.delete(memory))
    checking.set(memory, check)
    return check
  }

  async function bearer(token: string): Promise<Authentication> {
    const who = await tokens.verify(token)
    return who ? { ok: true, who } : { ok: false, reason: 'bad-token', name: '' }
  }

  return {
    authenticate(header) {
      if (header === undefined) return { ok: true, who: anonymous }
      const { scheme, value } = parseAuthorization(header)
      if (scheme === 'basic') return basic(decodeBasic(value))
      if (scheme !== 'bearer') return { ok: false, reason: 'unsupported', name: '' }
      const known = tokens.verify(value)
      if (known && !(known instanceof Promise)) return { ok: true, who: known }
      return bearer(value)
    },
    forget(header) {
      const { scheme, value } = parseAuthorization(header)
      if (scheme === 'basic') good.delete(memoryOf(decodeBasic(value)))
    },
  }
}

function parseAuthorization(header: string): { scheme: string; value: string } {
  const space = header.indexOf(' ')
  return { scheme: header.slice(0, space).toLowerCase(), value: header.slice(space + 1).trim() }
}

function decodeBasic(value: string): string {
  return Buffer.from(value, 'base64').toString('utf8')
}
