/** The HTTP status of each code: distribution-spec, error codes; for those beyond it, what Harbor answers. */
export const statusOf = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 400,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 400,
  UNAUTHORIZED: 401,
  DENIED: 403,
  UNSUPPORTED: 400,
  TOOMANYREQUESTS: 429,
  BAD_REQUEST: 400,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  PRECONDITION: 412,
  PROJECTPOLICYVIOLATION: 412,
  UNPROCESSABLE_ENTITY: 422,
  REQUEST_ENTITY_TOO_LARGE: 413,
  RANGE_INVALID: 416,
  UNAVAILABLE: 503,
  UNKNOWN: 500,
} as const satisfies Readonly<Record<string, number>>

/** The closed set of error codes, on the wire under these names. */
export type OciCode = keyof typeof statusOf

/** What an error may carry beside its code and sentence. */
export interface RegistryErrorOptions {
  /** For the `detail` of the reply: whatever JSON can say. */
  readonly detail?: unknown
  /** Reply headers, such as WWW-Authenticate or Retry-After. */
  readonly headers?: Readonly<Record<string, string>>
  /** For the log only; never sent. */
  readonly cause?: unknown
}

/** A refusal as the client will see it: a code, a sentence, and what the code's status needs. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code: OciCode
  readonly detail: unknown
  readonly headers: Readonly<Record<string, string>>

  constructor(code: OciCode, message: string, options: RegistryErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.detail = options.detail
    this.headers = options.headers ?? {}
  }

  /** The HTTP status of the reply. */
  get status(): number {
    return statusOf[this.code]
  }
}
