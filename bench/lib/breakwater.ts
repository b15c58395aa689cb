import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeCertificate } from './certificate.ts'
import { type Child, startChild, untilReady } from './child.ts'
import { connectEmbedded } from './database.ts'
import { freePort } from './free-port.ts'
import { send, type Target } from './http-client.ts'
import { type Account, type Actions, basic, type System } from './system.ts'

const entry = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))
/** Tokens live for half an hour; they are renewed well before. */
const renewAfterMs = 5 * 60_000

export interface BreakwaterOptions {
  readonly tls?: boolean
  /** An outside PostgreSQL; the embedded one otherwise. */
  readonly databaseUrl?: string
  /** Settings beside the address, the data folder and the administrator. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Breakwater on a temporary folder; it can be killed and started again on the same folder and port. */
export interface Breakwater extends System {
  readonly account: Account
  /** The Authorization header with one token for several repositories. */
  readonly token: (repositories: readonly string[], actions: Actions) => Promise<string>
  /** Whether its first process has ended, however. */
  readonly hasExited: () => boolean
  /** Starts again on the same data after the process has ended; resolves when it answers. */
  readonly restart: () => Promise<void>
}

async function fetchToken(
  target: Target,
  account: Account,
  repositories: readonly string[],
  actions: Actions,
): Promise<string> {
  const scopes = repositories.map((repository) => `&scope=${encodeURIComponent(`repository:${repository}:${actions}`)}`)
  const path = `/service/token?service=harbor-registry${scopes.join('')}`
  const reply = await send(target, { method: 'GET', path, headers: { authorization: basic(account) } })
  if (reply.status !== 200) throw new Error(`no token from ${path}: ${reply.status} ${reply.body.toString()}`)
  return (JSON.parse(reply.body.toString()) as { token: string }).token
}

/** Starts the sources of this checkout with `breakwater serve`, with its defaults but for log level `warn` and no vulnerability database. */
export async function startBreakwater(options: BreakwaterOptions = {}): Promise<Breakwater> {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-bench-'))
  const dataFolder = join(folder, 'data')
  const logFile = join(folder, 'server.log')
  const port = await freePort()
  const account = { user: 'admin', password: `Bench1-${randomUUID()}` }
  const certificate = options.tls ? makeCertificate(folder) : undefined
  const target: Target = { origin: `http${certificate ? 's' : ''}://127.0.0.1:${port}`, ca: certificate?.ca }
  const env = {
    BREAKWATER_DATA_DIR: dataFolder,
    BREAKWATER_LISTEN: `127.0.0.1:${port}`,
    BREAKWATER_ADMIN_PASSWORD: account.password,
    BREAKWATER_LOG_LEVEL: 'warn',
    // What is measured speaks to nobody outside.
    BREAKWATER_VULNDB_SOURCE: 'none',
    ...(certificate && {
      BREAKWATER_TLS_CERT_FILE: certificate.certFile,
      BREAKWATER_TLS_KEY_FILE: certificate.keyFile,
    }),
    ...(options.databaseUrl && { BREAKWATER_DATABASE_URL: options.databaseUrl }),
    ...options.settings,
  }
  const start = (): Child =>
    startChild({ command: process.execPath, args: [entry, 'serve'], env, logFile, dataFolder: folder })
  let child = start()
  const ready = (): Promise<void> => untilReady(child, target, logFile)
  const stop = async (): Promise<void> => {
    await child.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  await ready().catch(async (cause: unknown) => {
    await stop()
    throw cause
  })

  const tokens = new Map<string, { readonly header: string; readonly madeAt: number }>()
  const token: Breakwater['token'] = async (repositories, actions) => {
    const key = `${repositories.join()} ${actions}`
    const known = tokens.get(key)
    if (known && Date.now() - known.madeAt < renewAfterMs) return known.header
    const header = `Bearer ${await fetchToken(target, account, repositories, actions)}`
    tokens.set(key, { header, madeAt: Date.now() })
    return header
  }
  return {
    ...target,
    name: 'breakwater',
    account,
    dataFolder: folder,
    get pid() {
      return child.pid
    },
    hasExited: () => child.hasExited(),
    restart: () => {
      child = start()
      return ready()
    },
    token,
    authorization: (repository, actions) => token([repository], actions),
    [Symbol.asyncDispose]: stop,
  }
}

/** A second process beside the first, on the same (embedded) database and filesystem store; it has to be ended before the first. */
export async function startBeside(system: Breakwater): Promise<Breakwater> {
  const client = await connectEmbedded(system.dataFolder)
  const { host, port } = client
  await client.end()
  const databaseUrl = `postgresql://breakwater@/breakwater?host=${encodeURIComponent(host)}&port=${port}`
  return startBreakwater({ databaseUrl, settings: { BREAKWATER_DATA_DIR: `${system.dataFolder}/data` } })
}
