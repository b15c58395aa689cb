import { generateKeyPairSync, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Actions } from './system.ts'

/** Signs distribution's tokens; `jwksFile` is what it verifies them with. */
export interface TokenIssuer {
  readonly jwksFile: string
  readonly token: (repository: string, actions: Actions) => string
}

export const tokenIssuerName = 'bench'
export const tokenService = 'bench-registry'
const hourSeconds = 3600

/** An RS256 issuer with a fresh key, the algorithm of Harbor's tokens. */
export function makeTokenIssuer(folder: string): TokenIssuer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwksFile = join(folder, 'jwks.json')
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256', use: 'sig' }
  writeFileSync(jwksFile, JSON.stringify({ keys: [jwk] }))
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = (repository: string, actions: Actions): string => {
    const now = Math.floor(Date.now() / 1000)
    const signed = `${encode({ typ: 'JWT', alg: 'RS256', kid: 'bench' })}.${encode({
      iss: tokenIssuerName,
      sub: 'bench',
      aud: tokenService,
      exp: now + 4 * hourSeconds,
      nbf: now - 60,
      iat: now,
      jti: `${now}`,
      access: [{ type: 'repository', name: repository, actions: actions.split(',') }],
    })}`
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
  }
  return { jwksFile, token }
}
