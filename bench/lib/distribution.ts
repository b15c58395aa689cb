import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificate } from './certificate.ts'
import { startChild, untilReady } from './child.ts'
import { freePort } from './free-port.ts'
import type { Target } from './http-client.ts'
import { makeTokenIssuer, type TokenIssuer, tokenIssuerName, tokenService } from './peer-token.ts'
import { basic, type System } from './system.ts'
import { findTool } from './tools.ts'

export interface DistributionOptions {
  readonly tls?: boolean
  /** Who may come in: everybody (the default), htpasswd accounts, or bearers of signed tokens. */
  readonly auth?: 'open' | 'htpasswd' | 'token'
  /** The YAML of the storage section's driver, indented by two spaces; the filesystem of its folder by default. */
  readonly storage?: string
}

/** CNCF distribution on a temporary folder. */
export interface Distribution extends System {
  /** Where its files are by default, for seeding. */
  readonly storageFolder: string
}

const account = { user: 'bench', password: 'bench-password' }
/** bcrypt of that password at cost 5, what `htpasswd -B` makes by default; a higher cost would only slow the peer. */
const passwordHash = '$2a$05$kPLlbOlysTjYLJuBDgbaT.SQCdlHaA5x.tDvjKGxcCKNsu5gJ5fIi'

/** The configuration of its container image, with what costs CPU but serves nobody here (access log, traces) left out. */
function configuration(port: number, storage: string, sections: readonly string[]): string {
  return `version: 0.1
log:
  level: warn
  accesslog:
    disabled: true
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
${storage}
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
http:
  addr: 127.0.0.1:${port}
  headers:
    X-Content-Type-Options: [nosniff]
${sections.join('\n')}
`
}

function authSection(folder: string, auth: 'open' | 'htpasswd' | 'token', issuer: TokenIssuer): string {
  if (auth === 'open') return ''
  if (auth === 'htpasswd') {
    const file = join(folder, 'htpasswd')
    writeFileSync(file, `${account.user}:${passwordHash}\n`)
    return `auth:\n  htpasswd:\n    realm: bench\n    path: ${file}`
  }
  const settings = [
    'realm: http://127.0.0.1/token',
    `service: ${tokenService}`,
    `issuer: ${tokenIssuerName}`,
    `jwks: ${issuer.jwksFile}`,
  ]
  return `auth:\n  token:\n    ${settings.join('\n    ')}`
}

/** Starts the `distribution` program; see bench/README.md for how its settings were chosen. */
export async function startDistribution(options: DistributionOptions = {}): Promise<Distribution> {
  const folder = mkdtempSync(join(tmpdir(), 'distribution-bench-'))
  const storageFolder = join(folder, 'storage')
  const logFile = join(folder, 'server.log')
  const port = await freePort()
  const auth = options.auth ?? 'open'
  const issuer = makeTokenIssuer(folder)
  mkdirSync(storageFolder)
  const sections = [authSection(folder, auth, issuer)]
  const certificate = options.tls ? makeCertificate(folder) : undefined
  if (certificate) {
    // Belongs to the http section, which the configuration ends with.
    sections.unshift(`  tls:\n    certificate: ${certificate.certFile}\n    key: ${certificate.keyFile}`)
  }
  const configFile = join(folder, 'config.yml')
  const storage = options.storage ?? `  filesystem:\n    rootdirectory: ${storageFolder}`
  writeFileSync(configFile, configuration(port, storage, sections))
  const target: Target = { origin: `http${certificate ? 's' : ''}://127.0.0.1:${port}`, ca: certificate?.ca }
  const child = startChild({
    command: findTool('distribution'),
    args: ['serve', configFile],
    env: { OTEL_TRACES_EXPORTER: 'none' },
    logFile,
    dataFolder: folder,
  })
  const stop = async (): Promise<void> => {
    await child.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  await untilReady(child, target, logFile).catch(async (cause: unknown) => {
    await stop()
    throw cause
  })
  return {
    ...target,
    name: 'distribution',
    account: auth === 'htpasswd' ? account : undefined,
    pid: child.pid,
    dataFolder: folder,
    storageFolder,
    authorization: (repository, actions) => {
      const header = { open: undefined, htpasswd: basic(account), token: `Bearer ${issuer.token(repository, actions)}` }
      return Promise.resolve(header[auth])
    },
    [Symbol.asyncDispose]: stop,
  }
}
