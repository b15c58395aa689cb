/** What an error of a store means. `what` ends a sentence that begins with "the blob store". */
export type Fault =
  /** The object, or the range of it, is not there. */
  | { readonly kind: 'missing' }
  /** The object is there, and was not to be. */
  | { readonly kind: 'exists' }
  /** May be over in a moment: worth another attempt. */
  | { readonly kind: 'passing'; readonly what: string }
  /** Will be the same at the next attempt. */
  | { readonly kind: 'lasting'; readonly what: string }

/** What an error says of itself: the HTTP status, where there was an answer, and the store's or the system's code. */
export interface ErrorFacts {
  readonly status: number | undefined
  readonly code: string
}

const network = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_STREAM_PREMATURE_CLOSE',
  'REQUEST_SEND_ERROR',
])
const timeouts = new Set(['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'TimeoutError', 'RequestTimeout'])
const throttling = new Set(['SlowDown', 'Throttling', 'ThrottlingException', 'ServerBusy', 'rateLimitExceeded'])
const noBucket = new Set(['NoSuchBucket', 'ContainerNotFound', 'ContainerBeingDeleted'])

/** The meaning of an error that no store has a word of its own for. */
export function faultFrom({ status, code }: ErrorFacts): Fault {
  if (noBucket.has(code)) return { kind: 'lasting', what: `has no such bucket (${code})` }
  if (throttling.has(code) || status === 429) return { kind: 'passing', what: `asks for fewer requests (${code})` }
  if (timeouts.has(code) || status === 408) return { kind: 'passing', what: 'does not answer in time' }
  if (status === undefined) return withoutAnswer(code)
  if (status === 404 || status === 416) return { kind: 'missing' }
  if (status === 412) return { kind: 'exists' }
  if (status === 507) return { kind: 'lasting', what: 'is full' }
  if (status >= 500) return { kind: 'passing', what: `answers with an error (${status} ${code})` }
  if (code === 'RequestTimeTooSkewed') return { kind: 'lasting', what: `has another time than this machine (${code})` }
  if (status === 401 || status === 403)
    return { kind: 'lasting', what: `refuses the registry's credentials (${status} ${code})` }
  return { kind: 'lasting', what: `refuses a request (${status} ${code})` }
}

function withoutAnswer(code: string): Fault {
  if (network.has(code)) return { kind: 'passing', what: `is not reachable (${code})` }
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/.test(code)) {
    return { kind: 'lasting', what: `shows a certificate that is not trusted (${code})` }
  }
  if (code.includes('Credentials')) return { kind: 'lasting', what: `needs credentials, and there are none (${code})` }
  return { kind: 'lasting', what: `cannot be used (${code})` }
}

/** The code of an error, or the first among those that caused it. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if ('code' in error && typeof error.code === 'string') return error.code
  // Several addresses of one host fail together, each with its own code.
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return error.cause instanceof Error ? codeOf(error.cause) : error.name
}
