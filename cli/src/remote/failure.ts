import type { Connection } from './connection.ts'
import { printable } from './table.ts'

/** The registry said no. */
export class ApiError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'ApiError'
    this.status = status
  }
}

/** A refusal as a sentence that says what to do. `retryAfter`: the header of that name. */
export function refusal({ url, user }: Connection, status: number, body: string, retryAfter: string | null): ApiError {
  const said = readMessage(body)
  switch (status) {
    case 401:
      return new ApiError(
        status,
        `${url} does not accept this password for ${user}. Check --user, and BREAKWATER_PASSWORD or --password-stdin.`,
      )
    case 403:
      return new ApiError(
        status,
        `${user} may not do this (${said ?? 'forbidden'}). Somebody with more rights can, with --user; \`breakwater why-access '${user}' …\` says why.`,
      )
    case 429:
      return new ApiError(
        status,
        `${url} refuses this for now (${said ?? 'too many requests'}). Try again in ${retryAfter ?? 'a few'} seconds.`,
      )
    default:
      return said === undefined ? strange(url, status) : new ApiError(status, said)
  }
}

/** An answer that is none of the API. */
export function strange(url: string, status: number): ApiError {
  return new ApiError(status, `${url} answered ${status}, in a way that no Breakwater does. Check --url.`)
}

function readMessage(body: string): string | undefined {
  try {
    const { errors } = JSON.parse(body) as { errors?: { message?: string }[] }
    const message = errors?.[0]?.message
    return message === undefined ? undefined : printable(message)
  } catch {
    return undefined
  }
}

const certificateCodes = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]

/** A connection that failed, as a sentence that says what to do. */
export function unreachable(url: string, error: unknown): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (certificateCodes.includes(code)) {
    const remedy = "Name its authority's certificate in NODE_EXTRA_CA_CERTS."
    return new Error(`The certificate of ${url} comes from an unknown authority. ${remedy}`, { cause })
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return new Error(`The certificate of ${url} is for another name. Check --url.`, { cause })
  }
  const reason = code || (cause instanceof Error ? cause.message : String(cause))
  return new Error(`Cannot reach ${url} (${reason}). Is the server running, and is --url (BREAKWATER_URL) right?`, {
    cause,
  })
}
