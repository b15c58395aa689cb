import { formatListenAddress, isLoopback } from './address.ts'
import type { Setting } from './catalogue.ts'
import type { Given } from './given.ts'
import type { ConfigProblem } from './problem.ts'
import type { Config } from './schema.ts'

/** Optional groups are given whole or not at all. */
export function groupProblems(settings: readonly Setting[], given: ReadonlyMap<string, Given>): ConfigProblem[] {
  return settings.flatMap(({ key, group, variable }): ConfigProblem[] => {
    if (group === undefined || given.has(key)) return []
    const partner = settings.find((other) => other.group === group && given.has(other.key))
    if (!partner) return []
    const place = given.get(partner.key)?.place ?? partner.variable
    const message = `is missing although ${partner.key} is given`
    return [{ place, key, message, remedy: `Set ${key} (${variable}) too, or remove ${partner.key}.` }]
  })
}

/** Passwords must not cross a network readable unless that was asked for. */
export function plainHttpProblem(config: Config, place: string): ConfigProblem | undefined {
  if (config.tls || config.allowPlainHttp || isLoopback(config.listen.host)) return undefined
  return {
    place,
    key: 'listen',
    message: `${formatListenAddress(config.listen)} can be reached from other machines, and TLS is not configured`,
    remedy:
      'Set tls.certFile and tls.keyFile (BREAKWATER_TLS_CERT_FILE, BREAKWATER_TLS_KEY_FILE), listen on 127.0.0.1, ' +
      'or set allowPlainHttp: true (BREAKWATER_ALLOW_PLAIN_HTTP) when a proxy ends TLS.',
  }
}

/** What the kind of store needs, and what it can do nothing with. */
export function storeProblems(store: Config['store'], placeOf: (key: string) => string): ConfigProblem[] {
  const { kind, redirect, s3 } = store
  const problems: ConfigProblem[] = []
  const add = (at: string, key: string, message: string, remedy: string) =>
    problems.push({ place: placeOf(at), key, message, remedy })
  if (kind === 's3') {
    if (s3.bucket === undefined) {
      add('store.kind', 'store.s3.bucket', 'is missing although store.kind is s3', 'Name the bucket that keeps blobs.')
    }
    if ((s3.accessKeyId === undefined) !== (s3.secretAccessKey === undefined)) {
      const [there, absent] =
        s3.accessKeyId === undefined ? ['secretAccessKey', 'accessKeyId'] : ['accessKeyId', 'secretAccessKey']
      const message = `is missing although store.s3.${there} is given`
      add(
        `store.s3.${there}`,
        `store.s3.${absent}`,
        message,
        `Set both, or none of them: then the SDK looks for credentials.`,
      )
    }
    if (s3.kmsKey !== undefined && !s3.encryption.startsWith('aws:kms')) {
      const remedy = 'Set store.s3.encryption to aws:kms, or remove the key.'
      add('store.s3.kmsKey', 'store.s3.kmsKey', 'is used by the encryption aws:kms only', remedy)
    }
  }
  if (kind === 'filesystem' && redirect) {
    add(
      'store.redirect',
      'store.redirect',
      'a folder has no address that a client could be sent to',
      'Set it to false.',
    )
  }
  return problems
}
