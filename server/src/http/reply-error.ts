import { type OciCode, RegistryError } from '@breakwater/oci'
import { StoreUnavailable } from '../content/index.ts'
import { isBadValue, isUnavailable } from '../metadata/index.ts'
import type { Reply } from './reply.ts'

/** The error as a client may see it, and whether an operator should hear of it. */
export function errorReply(error: unknown): Reply & { readonly internal: boolean } {
  const known = asRegistryError(error)
  const { code, detail } = known
  return {
    status: known.status,
    code,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...known.headers },
    body: `${JSON.stringify({ errors: [{ code, message: known.message, ...(detail === undefined ? {} : { detail }) }] })}\n`,
    // What is said on purpose, such as that a scan has not ended yet, is no fault.
    internal: known.status >= 500 && !(error === known && known.code === 'UNAVAILABLE'),
  }
}

function asRegistryError(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error
  if (error instanceof StoreUnavailable) return unavailable(error.message, error)
  if (isBadValue(error)) {
    return new RegistryError('BAD_REQUEST', 'a value holds a NUL character, or is too long or out of range', {
      cause: error,
    })
  }
  if (isUnavailable(error)) return unavailable('the database is not reachable', error)
  const status = statusOf(error)
  const message = error instanceof Error ? error.message : ''
  const code = status === undefined ? undefined : frameworkCodes[status]
  if (code) return new RegistryError(code, message)
  return new RegistryError('UNKNOWN', 'internal server error', { cause: error })
}

function unavailable(what: string, cause: unknown): RegistryError {
  return new RegistryError('UNAVAILABLE', `${what}; try again in a few seconds`, {
    headers: { 'Retry-After': '5' },
    cause,
  })
}

/** Errors that the HTTP framework found before an operation ran. */
const frameworkCodes: Readonly<Record<number, OciCode>> = {
  400: 'BAD_REQUEST',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  413: 'REQUEST_ENTITY_TOO_LARGE',
  415: 'UNSUPPORTED',
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : undefined
}
