import { createHmac, randomBytes } from 'node:crypto'
import { RegistryError } from '@breakwater/oci'
import { LRUCache } from 'lru-cache'
import type { Db } from '../metadata/index.ts'
import type { Settings } from '../settings/index.ts'
import { createLoginLimit } from './login-limit.ts'
import type { Passwords } from './password.ts'
import { anonymous, type Principal } from './principal.ts'
import { findUser } from './queries.ts'
import { checkRobot, type RobotSecrets } from './robot.ts'
import type { Tokens } from './token.ts'

export type Authentication =
  | { readonly ok: true; readonly who: Principal }
  | { readonly ok: false; readonly reason: 'bad-password' | 'bad-token' | 'unsupported'; readonly name: string }

export interface Authenticator {
  /**
   * Reads an Authorization header; without one, somebody is anonymous. `address`: where the request comes from. Throws
   * TOOMANYREQUESTS after too many wrong passwords from there.
   */
  authenticate(header: string | undefined, address: string): Authentication | Promise<Authentication>
  /** Checks a name and a password, anew each time. Throws as `authenticate` does. */
  login(name: string, password: string, address: string): Promise<Authentication>
  /** Checks a password anew at its next use: the account has changed since it was remembered. */
  forget(header: string): void
}

/** How long a checked password is remembered, so that a login costs one argon2id hash a minute at most. */
const remembered = 60_000
/** How long a password that was right is checked again even while others are refused for the same account. */
const trusted = 60 * 60_000
/** Passwords that are remembered, each way. */
const most = 10_000

export interface AuthenticatorDeps {
  readonly db: Db
  readonly tokens: Tokens
  readonly robotSecrets: RobotSecrets
  readonly settings: Settings
  readonly passwords: Passwords
}

export function createAuthenticator(deps: AuthenticatorDeps): Authenticator {
  const { db, tokens, robotSecrets, settings, passwords } = deps
  // Passwords are remembered only as keyed hashes, under a key that dies with the process.
  const key = randomBytes(32)
  const good = new LRUCache<string, Principal>({ max: most, ttl: remembered })
  const wereGood = new LRUCache<string, true>({ max: most, ttl: trusted })
  const checking = new Map<string, Promise<Authentication>>()
  const limit = createLoginLimit()

  async function check(name: string, password: string, memory: string, address: string): Promise<Authentication> {
    const attempt = wereGood.has(memory) ? undefined : limit.begin(address, name)
    if (attempt && 'wait' in attempt) throw tooMany(attempt.wait)
    let who: Principal | undefined
    try {
      who = (await asRobot(name, password)) ?? (await asUser(name, password, address))
    } finally {
      attempt?.end(who !== undefined)
    }
    if (!who) {
      wereGood.delete(memory)
      return { ok: false, reason: 'bad-password', name }
    }
    good.set(memory, who)
    wereGood.set(memory, true)
    return { ok: true, who }
  }

  async function asRobot(fullName: string, secret: string): Promise<Principal | undefined> {
    const { robot_name_prefix: prefix } = await settings.current()
    if (prefix === '' || !fullName.startsWith(prefix)) return undefined
    const name = fullName.slice(prefix.length)
    const robot = await checkRobot(db, robotSecrets, name, secret)
    return robot && { kind: 'robot', id: robot.id, name, revision: robot.revision, credential: 'basic' }
  }

  async function asUser(name: string, password: string, address: string): Promise<Principal | undefined> {
    const user = await findUser(db, name)
    const right = await passwords.matches(user?.passwordHash ?? undefined, password, address)
    if (!right || !user) return undefined
    return { kind: 'user', id: user.id, name: user.name, revision: user.revision, credential: 'basic' }
  }

  const memoryOf = (text: string) => createHmac('sha256', key).update(text).digest('base64')

  function basic(text: string, address: string): Authentication | Promise<Authentication> {
    const colon = text.indexOf(':')
    if (colon < 0) return { ok: false, reason: 'unsupported', name: '' }
    const memory = memoryOf(text)
    const who = good.get(memory)
    if (who) return { ok: true, who }
    const attempt = `${memory} ${address}`
    const running = checking.get(attempt)
    if (running) return running
    const started = check(text.slice(0, colon), text.slice(colon + 1), memory, address).finally(() =>
      checking.delete(attempt),
    )
    checking.set(attempt, started)
    return started
  }

  async function bearer(token: string): Promise<Authentication> {
    const who = await tokens.verify(token)
    return who ? { ok: true, who } : { ok: false, reason: 'bad-token', name: '' }
  }

  return {
    authenticate(header, address) {
      if (header === undefined) return { ok: true, who: anonymous }
      const { scheme, value } = parseAuthorization(header)
      if (scheme === 'basic') return basic(decodeBasic(value), address)
      if (scheme !== 'bearer') return { ok: false, reason: 'unsupported', name: '' }
      const known = tokens.verify(value)
      if (known && !(known instanceof Promise)) return { ok: true, who: known }
      return bearer(value)
    },
    login: (name, password, address) => check(name, password, memoryOf(`${name}:${password}`), address),
    forget(header) {
      const { scheme, value } = parseAuthorization(header)
      if (scheme === 'basic') good.delete(memoryOf(decodeBasic(value)))
    },
  }
}

/** `wait`: milliseconds. */
function tooMany(wait: number): RegistryError {
  const seconds = Math.max(1, Math.ceil(wait / 1000))
  return new RegistryError('TOOMANYREQUESTS', `too many failed logins; try again in ${seconds} s`, {
    headers: { 'Retry-After': String(seconds) },
  })
}

function parseAuthorization(header: string): { scheme: string; value: string } {
  const space = header.indexOf(' ')
  return { scheme: header.slice(0, space).toLowerCase(), value: header.slice(space + 1).trim() }
}

function decodeBasic(value: string): string {
  return Buffer.from(value, 'base64').toString('utf8')
}
