import { clientEnvironment } from '../client-environment.ts'
import { connectionOf, defaultUrl, type RemoteOptions } from '../remote/connection.ts'
import { dockerLogin, type Login } from './docker-login.ts'

/** Finds the login for a registry; each is looked for once. */
export type Logins = (host: string) => Promise<Login | undefined>

/**
 * The login of the options is for the registry that the image is in, that of the environment for the registry of
 * `--url`, and no other gets them; elsewhere what `docker login` has left is used.
 */
export function createLogins(options: RemoteOptions, imageHost: string | undefined): Logins {
  const { url, password, dockerConfig } = clientEnvironment()
  const ourHost = new URL(options.url ?? url ?? defaultUrl).host
  const given = options.user !== undefined || options.passwordStdin === true
  const known = new Map<string, Promise<Login | undefined>>()
  const find = (host: string) => {
    const connects = given ? host === (imageHost ?? ourHost) : password !== undefined && host === ourHost
    return connects ? connectionOf(options) : dockerLogin(host, dockerConfig)
  }
  return (host) => {
    const login = known.get(host) ?? find(host)
    known.set(host, login)
    return login
  }
}
