/** What a 401 asks for (RFC 9110 section 11.6.1; distribution's token authentication). */
export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'bearer'
      readonly realm: string
      readonly service: string | undefined
      readonly scope: string | undefined
    }

const longest = 4_096
const parameter = /([a-zA-Z]+)="((?:[^"\\]|\\.)*)"/g

/** Reads a WWW-Authenticate header; undefined when it asks for nothing that is known. */
export function parseChallenge(header: string | null): Challenge | undefined {
  if (!header || header.length > longest) return undefined
  const [, scheme = '', rest = ''] = /^\s*([a-zA-Z]+)\s*(.*)$/s.exec(header) ?? []
  if (scheme.toLowerCase() === 'basic') return { scheme: 'basic' }
  if (scheme.toLowerCase() !== 'bearer') return undefined
  const found = new Map<string, string>()
  for (const [, name = '', value = ''] of rest.matchAll(parameter)) {
    found.set(name.toLowerCase(), value.replaceAll(/\\(.)/gs, '$1'))
  }
  const realm = found.get('realm')
  return realm ? { scheme: 'bearer', realm, service: found.get('service'), scope: found.get('scope') } : undefined
}
