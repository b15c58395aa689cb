import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'

/** Whom to trust where a store's own authorities are given: those, and Node's. Undefined where Node's are enough. */
export function authoritiesOf(caFile: string | undefined): string[] | undefined {
  return caFile === undefined ? undefined : [...rootCertificates, readFileSync(caFile, 'utf8')]
}
