import { openRegistry, type Registry } from '@breakwater/oci-client'
import { clientEnvironment } from '../client-environment.ts'
import { connectionOf, defaultUrl, type RemoteOptions } from '../remote/connection.ts'
import { dockerLogin } from './docker-login.ts'

/** Opens a registry as the one who calls; each login is looked for once. */
export type Registries = (host: string) => Promise<Registry>

/**
 * The login of the options is for the registry that the image is in, that of the environment for the registry of
 * `--url`, and no other gets them; elsewhere what `docker login` has left is used. `--url` also tells whether its
 * registry speaks TLS, which is not said of one on this machine otherwise.
 */
export function createRegistries(options: RemoteOptions, imageHost: string | undefined): Registries {
  const { url, password, dockerConfig } = clientEnvironment()
  const named = options.url ?? url
  const ours = new URL(named ?? defaultUrl)
  const given = options.user !== undefined || options.passwordStdin === true
  const known = new Map<string, Promise<Registry>>()
  async function open(host: string): Promise<Registry> {
    const connects = given ? host === (imageHost ?? ours.host) : password !== undefined && host === ours.host
    const login = await (connects ? connectionOf(options) : dockerLogin(host, dockerConfig))
    const isOurs = named !== undefined && host === ours.host
    return openRegistry(host, {
      ...(login && { credentials: login }),
      ...(isOurs ? { plainHttp: ours.protocol === 'http:' } : options.plainHttp && { plainHttp: true }),
    })
  }
  return (host) => {
    const registry = known.get(host) ?? open(host)
    known.set(host, registry)
    return registry
  }
}
