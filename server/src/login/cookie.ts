/** The value of the first cookie of this name in a Cookie header. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const equals = pair.indexOf('=')
    if (pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim()
  }
  return undefined
}

/** A Set-Cookie header for the whole host, hidden from scripts. `maxAge`: seconds; without it until the browser ends. */
export function writeCookie(
  name: string,
  value: string,
  options: { readonly sameSite: 'Lax' | 'Strict'; readonly secure: boolean; readonly maxAge?: number },
): string {
  const { sameSite, secure, maxAge } = options
  return [
    `${name}=${value}`,
    'Path=/',
    ...(maxAge === undefined ? [] : [`Max-Age=${maxAge}`]),
    'HttpOnly',
    ...(secure ? ['Secure'] : []),
    `SameSite=${sameSite}`,
  ].join('; ')
}

/** The cookie of a browser's session. */
export const sessionCookie = 'sid'
