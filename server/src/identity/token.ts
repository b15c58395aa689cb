import { createHash } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Grant, Principal } from './principal.ts'

export interface Tokens {
  /** `lifetime`: seconds. */
  issue(who: Principal, grants: readonly Grant[], lifetime: number): Promise<string>
  /** Who a token speaks for; undefined where it is not ours, was changed or has ended. */
  verify(token: string): Principal | undefined | Promise<Principal | undefined>
}

const issuer = 'harbor-token-issuer'
const audience = 'harbor-registry'

/**
 * Registry tokens: JWTs that only this registry reads, so a keyed hash signs them. They carry what was asked for and
 * held; what is still held is looked up at each use.
 */
export function createTokens(key: Uint8Array): Tokens {
  const verified = new LRUCache<string, { readonly who: Principal; readonly until: number }>({ max: 10_000 })
  const keyId = createHash('sha256').update(key).digest('base64url').slice(0, 16)

  async function check(token: string): Promise<Principal | undefined> {
    try {
      const { payload } = await jwtVerify(token, key, { issuer, audience, algorithms: ['HS256'], clockTolerance: 60 })
      const grants = (payload['access'] as (Grant & { type: string })[]).filter(({ type }) => type === 'repository')
      const { uid, rid } = payload
      const known = { name: payload.sub ?? '', revision: Number(payload['rev']), credential: 'token' as const, grants }
      const who: Principal =
        typeof uid === 'number'
          ? { kind: 'user', id: uid, ...known }
          : typeof rid === 'number'
            ? { kind: 'robot', id: rid, ...known }
            : { kind: 'anonymous', credential: 'token', grants }
      verified.set(token, { who, until: (payload.exp ?? 0) * 1000 })
      return who
    } catch {
      return undefined
    }
  }

  return {
    issue(who, grants, lifetime) {
      const claims = {
        access: grants.map((grant) => ({ type: 'repository', ...grant })),
        ...(who.kind === 'user' ? { uid: who.id, rev: who.revision } : {}),
        ...(who.kind === 'robot' ? { rid: who.id, rev: who.revision } : {}),
      }
      const token = new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: keyId })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(who.kind === 'anonymous' ? '' : who.name)
        .setJti(crypto.randomUUID())
        .setIssuedAt()
        .setNotBefore('0s')
        .setExpirationTime(`${lifetime}s`)
      return token.sign(key)
    },
    verify(token) {
      const known = verified.get(token)
      if (!known) return check(token)
      if (known.until > Date.now()) return known.who
      verified.delete(token)
      return undefined
    },
  }
}
