import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clientEnvironment } from '../client-environment.ts'
import { type CommonOptions, configSource } from '../command.ts'
import { isConfigError } from '../explain.ts'
import { UsageError } from '../usage-error.ts'
import { askSecret, secretFromStdin } from './secret-input.ts'

export interface RemoteOptions extends CommonOptions {
  readonly url?: string
  readonly user?: string
  readonly passwordStdin?: true
  readonly plainHttp?: true
}

/** Where the registry is, and who calls. */
export interface Connection {
  /** Without a slash at its end. */
  readonly url: string
  readonly user: string
  readonly password: string
}

export const defaultUrl = 'http://127.0.0.1:8080'
const defaultUser = 'admin'

/** From options, then the environment, then what this machine's own registry left for its administrator. */
export async function connectionOf(options: RemoteOptions): Promise<Connection> {
  const given = clientEnvironment()
  const url = readUrl(options.url ?? given.url ?? defaultUrl, options.plainHttp === true)
  const user = options.user ?? given.user ?? defaultUser
  if (user === '' || user.includes(':')) throw new UsageError(`--user: "${user}" is no name of a user or robot.`)
  const password = options.passwordStdin
    ? await secretFromStdin()
    : (given.password ?? (await localPassword(options, url, user)) ?? (await askPassword(url, user)))
  return { url, user, password }
}

function readUrl(text: string, plainHttp: boolean): string {
  const wrong = (problem: string) => new UsageError(`--url: ${text} ${problem}`)
  if (!URL.canParse(text)) throw wrong('is no URL; write it as https://registry.example.com.')
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw wrong('has to begin with https:// or http://.')
  if (url.username || url.password) throw wrong('must not hold a name or password; see --user.')
  if (url.search || url.hash || url.pathname !== '/') throw wrong('has to end after the host and port.')
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !plainHttp) {
    throw wrong('would send the password unencrypted. Use https://, or add --plain-http to do it nevertheless.')
  }
  return url.origin
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}

/** The generated password of the registry that this machine's configuration describes, where it may be read. */
async function localPassword(options: RemoteOptions, url: string, user: string): Promise<string | undefined> {
  const { hostname, port } = new URL(url)
  if (user !== defaultUser || !isLoopback(hostname)) return undefined
  const { loadConfig } = await import('@breakwater/server')
  try {
    const config = loadConfig(configSource(options))
    if (String(config.listen.port) !== port) return undefined
    return (await readFile(join(config.dataDir, 'admin-password'), 'utf8')).trimEnd()
  } catch (error) {
    // Without a readable configuration or file there is no default; the password is asked for instead.
    if (isConfigError(error) || (error instanceof Error && 'syscall' in error)) return undefined
    throw error
  }
}

function askPassword(url: string, user: string): Promise<string> {
  const otherwise = `No password for ${user}: set BREAKWATER_PASSWORD, or pipe it in with --password-stdin.`
  return askSecret(`Password of ${user} at ${url}: `, otherwise)
}
