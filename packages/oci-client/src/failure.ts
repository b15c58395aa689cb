/**
 * - `unreachable`: no connection, or none that is trusted
 * - `unauthorized`: credentials are missing or wrong
 * - `forbidden`: the registry will not give it, and says why
 * - `unsafe`: it is, or leads to, an address that is not connected to
 * - `missing`: there is no such repository, manifest or blob
 * - `busy`: too many requests, or the registry is ill
 * - `slow`: nothing came for too long
 * - `untrue`: bytes that do not match their digest or size
 * - `too-large`: over the limit that the caller set
 * - `strange`: an answer that the specification does not know
 */
export type RegistryFailureKind =
  | 'unreachable'
  | 'unauthorized'
  | 'forbidden'
  | 'unsafe'
  | 'missing'
  | 'busy'
  | 'slow'
  | 'untrue'
  | 'too-large'
  | 'strange'

/** What a registry could not do; the message names the host and what to do. */
export class RegistryFailure extends Error {
  readonly kind: RegistryFailureKind
  readonly host: string

  constructor(kind: RegistryFailureKind, host: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RegistryFailure'
    this.kind = kind
    this.host = host
  }
}

const certificateCodes = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]

/** A connection that failed; a refusal to make it stays what it is. */
export function connectionFailure(host: string, error: unknown): RegistryFailure {
  if (error instanceof RegistryFailure) return error
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (certificateCodes.includes(code)) {
    const remedy = "Name its authority's certificate in NODE_EXTRA_CA_CERTS."
    return new RegistryFailure('unreachable', host, `${host} has a certificate of an unknown authority. ${remedy}`)
  }
  const reason = code || (cause instanceof Error ? cause.message : String(cause))
  const remedy = 'Check the name, and that this machine may connect to it.'
  return new RegistryFailure('unreachable', host, `Cannot reach ${host} (${reason}). ${remedy}`, { cause })
}

/** An answer that is no success. `what` is what was asked for; `said` the registry's own words, if any. */
export function statusFailure(host: string, what: string, status: number, said: string | undefined): RegistryFailure {
  const words = said ? `: ${said}` : ''
  switch (status) {
    case 401:
      return new RegistryFailure(
        'unauthorized',
        host,
        `${host} does not give ${what} to this caller${words}. Check the name, and give credentials that may pull it.`,
      )
    case 403:
      return new RegistryFailure('forbidden', host, `${host} refuses ${what}${words}.`)
    case 404:
      return new RegistryFailure('missing', host, `${host} has no ${what}${words}. Check repository and tag.`)
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return new RegistryFailure('busy', host, `${host} cannot give ${what} now (${status}${words}). Try again later.`)
    default:
      return strangeAnswer(host, what, `status ${status}${words}`)
  }
}

export function strangeAnswer(host: string, what: string, problem: string): RegistryFailure {
  const remedy = 'Check that a registry is there.'
  return new RegistryFailure('strange', host, `${host} answered ${what} in an unknown way (${problem}). ${remedy}`)
}
