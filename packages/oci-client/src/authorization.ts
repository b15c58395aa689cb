import type { Challenge } from './challenge.ts'
import type { Egress } from './egress.ts'
import { exchange } from './exchange.ts'
import { RegistryFailure, statusFailure, strangeAnswer } from './failure.ts'
import { isLoopbackHost } from './image-reference.ts'

export interface Credentials {
  readonly user: string
  readonly password: string
}

/** The Authorization header of one registry, by scope; tokens are kept until shortly before they end. */
export interface Authorization {
  /** The header that worked last time for this repository; undefined when none was needed yet. */
  known(repository: string): string | undefined
  /** Does what a challenge asks for, and returns the header. */
  answer(challenge: Challenge, repository: string, signal: AbortSignal | undefined): Promise<string>
}

interface Kept {
  readonly header: string
  readonly until: number
}

const mostTokenBytes = 256 * 1024
/** Seconds that a token lives when its issuer does not say (distribution's token specification). */
const defaultLife = 60

export function createAuthorization(
  host: string,
  credentials: Credentials | undefined,
  {
    patienceMs,
    plainHttp,
    egress,
  }: { readonly patienceMs: number; readonly plainHttp: boolean; readonly egress: Egress },
): Authorization {
  const kept = new Map<string, Kept>()
  const basic = credentials && `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`
  return {
    known(repository) {
      const one = kept.get(repository)
      return one && one.until > Date.now() ? one.header : undefined
    },
    async answer(challenge, repository, signal) {
      if (challenge.scheme === 'basic') {
        if (!basic) throw statusFailure(host, repository, 401, 'it asks for a password')
        kept.set(repository, { header: basic, until: Number.POSITIVE_INFINITY })
        return basic
      }
      const url = tokenUrl(challenge, repository)
      const asked = await exchange({
        url,
        headers: { Accept: 'application/json', ...(basic ? { Authorization: basic } : {}) },
        what: `a token for ${repository}`,
        patienceMs,
        signal,
        egress,
      })
      const bytes = await asked.bytes(mostTokenBytes)
      if (!asked.response.ok)
        throw statusFailure(url.host, `a token for ${repository}`, asked.response.status, undefined)
      const { token, life } = readToken(url.host, bytes)
      const header = `Bearer ${token}`
      kept.set(repository, { header, until: Date.now() + Math.max(life - 10, 0) * 1000 })
      return header
    },
  }

  function tokenUrl({ realm, service, scope }: Challenge & { scheme: 'bearer' }, repository: string): URL {
    if (!URL.canParse(realm)) throw strangeAnswer(host, 'a request', 'its token service is no URL')
    const url = new URL(realm)
    const encrypted = url.protocol === 'https:' || plainHttp || isLoopbackHost(url.host)
    if (!encrypted || !['http:', 'https:'].includes(url.protocol)) {
      const problem = `${host} sends its clients to ${url.protocol}//${url.host} for tokens, without encryption.`
      throw new RegistryFailure('strange', host, `${problem} Allow plain HTTP for it, or give it a certificate.`)
    }
    if (service) url.searchParams.set('service', service)
    url.searchParams.set('scope', scope ?? `repository:${repository}:pull`)
    return url
  }
}

function readToken(host: string, bytes: Buffer): { readonly token: string; readonly life: number } {
  const wrong = () => strangeAnswer(host, 'a request for a token', 'no token')
  let answer: unknown
  try {
    answer = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw wrong()
  }
  if (typeof answer !== 'object' || answer === null) throw wrong()
  const { token, access_token, expires_in } = answer as Record<string, unknown>
  const text = token ?? access_token
  // Anything else could not be sent as a header.
  if (typeof text !== 'string' || !/^[\x21-\x7e]+$/.test(text)) throw wrong()
  return { token: text, life: typeof expires_in === 'number' ? expires_in : defaultLife }
}
