import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readCookie, writeCookie } from './cookie.ts'

/**
 * Keeps other sites from using a browser's session: a request that changes something has to repeat, in a header, a
 * token that belongs to a cookie. Names, lengths and sentences are Harbor's.
 */
export interface Csrf {
  check(request: {
    readonly method: string
    /** The Cookie header. */
    readonly cookie: string | undefined
    /** The X-Harbor-CSRF-Token header. */
    readonly token: string | undefined
  }): CsrfResult
}

export interface CsrfResult {
  /** For the answer, also where the request is refused: with them a client can try again. */
  readonly headers: Readonly<Record<string, string>>
  readonly setCookie: string | undefined
  /** Why the request is refused with 403. */
  readonly problem: string | undefined
}

const cookieName = '_gorilla_csrf'
/** Seconds. */
const cookieAge = 12 * 60 * 60
const secretLength = 32

/** `key` signs the cookies, so that nobody who can set one knows a token for it. */
export function createCsrf(key: Uint8Array, secure: boolean): Csrf {
  const sign = (secret: Buffer) => createHmac('sha256', key).update(secret).digest()

  function readSecret(cookie: string | undefined): Buffer | undefined {
    const bytes = Buffer.from(readCookie(cookie, cookieName) ?? '', 'base64url')
    const secret = bytes.subarray(0, secretLength)
    const signature = bytes.subarray(secretLength)
    return signature.length === 32 && timingSafeEqual(signature, sign(secret)) ? secret : undefined
  }

  return {
    check({ method, cookie, token }) {
      const known = readSecret(cookie)
      const secret = known ?? randomBytes(secretLength)
      const value = Buffer.concat([secret, sign(secret)]).toString('base64url')
      return {
        headers: { 'X-Harbor-CSRF-Token': mask(secret), Vary: 'Cookie' },
        setCookie: known
          ? undefined
          : writeCookie(cookieName, value, { sameSite: 'Strict', secure, maxAge: cookieAge }),
        problem: isSafe(method) ? undefined : problemWith(token, secret),
      }
    },
  }
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || method === 'TRACE'
}

function problemWith(token: string | undefined, secret: Buffer): string | undefined {
  if (!token) return 'CSRF token not found in request'
  const bytes = Buffer.from(token, 'base64')
  const good = bytes.length === 2 * secretLength && timingSafeEqual(unmask(bytes), secret)
  return good ? undefined : 'CSRF token invalid'
}

/** Looks different each time, so that compression of answers doesn't give it away: 88 base64 characters. */
function mask(secret: Buffer): string {
  const pad = randomBytes(secretLength)
  return Buffer.concat([pad, xor(pad, secret)]).toString('base64')
}

function unmask(bytes: Buffer): Buffer {
  return xor(bytes.subarray(0, secretLength), bytes.subarray(secretLength))
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)))
}
