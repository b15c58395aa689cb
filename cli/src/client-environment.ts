import { homedir } from 'node:os'
import { join } from 'node:path'

/** The variables that commands over the API read; the server knows nothing of them. */
const names = { url: 'BREAKWATER_URL', user: 'BREAKWATER_USER', password: 'BREAKWATER_PASSWORD' } as const

export interface ClientEnvironment {
  readonly url: string | undefined
  readonly user: string | undefined
  readonly password: string | undefined
  /** Where docker keeps the logins of this person, if not in the home folder. */
  readonly dockerConfig: string | undefined
}

export function clientEnvironment(): ClientEnvironment {
  const read = (name: string) => process.env[name] || undefined
  return {
    url: read(names.url),
    user: read(names.user),
    password: read(names.password),
    dockerConfig: read('DOCKER_CONFIG'),
  }
}

/** What is left for the server's configuration, which takes an unknown variable for a mistake. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const ours: readonly string[] = Object.values(names)
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.includes(name)))
}

/** Where what can be had again is kept (XDG Base Directory Specification). */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'breakwater')
}
