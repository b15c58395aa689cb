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
