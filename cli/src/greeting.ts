import type { Config, RunningServer } from '@breakwater/server'

type Started = Pick<RunningServer, 'address' | 'adminPasswordFile' | 'version'>

/** What a person reads when the server is up: the address, where the password is, and three lines to try. */
export function greeting(config: Config, { address, adminPasswordFile, version }: Started): string {
  if (config.role === 'worker') {
    return `Breakwater ${version} is up as a worker.

  Health  ${address}/readyz

Ctrl-C stops it.
`
  }
  const url = config.externalUrl ?? address
  const registry = new URL(url).host
  const login = `docker login -u admin ${registry}`
  return `Breakwater ${version} is up.

  Address        ${url}
  Administrator  admin, ${passwordPlace(config, adminPasswordFile)}

Try it:
  ${adminPasswordFile === undefined ? login : `${login} --password-stdin < ${quoted(adminPasswordFile)}`}
  docker tag hello-world ${registry}/library/hello-world && docker push ${registry}/library/hello-world
  docker pull ${registry}/library/hello-world

Ctrl-C stops it.
`
}

function passwordPlace({ adminPassword }: Config, generated: string | undefined): string {
  if (generated !== undefined) return `password in ${generated}`
  const origin = adminPassword?.origin
  if (origin?.kind === 'file') return `password in ${origin.path}`
  if (origin?.kind === 'env') return `password in the variable ${origin.name}`
  if (origin?.kind === 'literal') return 'password from the setting adminPassword (BREAKWATER_ADMIN_PASSWORD)'
  return 'password as chosen when the database was set up'
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`
}
