import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../bench/lib/free-port.ts'
import type { ServerCertificate } from './certificate.ts'
import { type Daemon, startDaemon } from './daemon.ts'
import { type Account, send } from './http.ts'
import { stopLeftoverDatabase } from './leftover-database.ts'

/** The checkout that is under test. */
const checkout = fileURLToPath(new URL('../../..', import.meta.url))

export interface BreakwaterOptions {
  /** Made on the first start. */
  readonly dataFolder: string
  readonly port?: number
  readonly tls?: ServerCertificate
  /** Settings beside the address, the data folder and the administrator. */
  readonly settings?: Readonly<Record<string, string>>
  /** A new administrator by default; `generated` leaves the password to the server. */
  readonly admin?: Account | 'generated'
  /** `npm start` as a person types it, instead of the program itself. */
  readonly throughNpm?: boolean
}

export interface Breakwater extends AsyncDisposable {
  /** `127.0.0.1:PORT`, as clients type it. */
  readonly host: string
  readonly port: number
  readonly url: string
  readonly admin: Account
  readonly daemon: Daemon
}

/** An administrator with a password that nobody has used before. */
export function newAdmin(): Account {
  return { user: 'admin', password: `Aa1-${randomUUID()}` }
}

/** Starts the registry of this checkout; resolves when it answers. Its log is the file `DATA-FOLDER.log`. */
export async function startBreakwater(options: BreakwaterOptions): Promise<Breakwater> {
  const { dataFolder, tls, settings = {}, throughNpm = false } = options
  const { admin = newAdmin() } = options
  const port = options.port ?? (await freePort())
  const host = `127.0.0.1:${port}`
  const url = `${tls ? 'https' : 'http'}://${host}`
  const daemon = startDaemon({
    file: throughNpm ? 'npm' : process.execPath,
    args: throughNpm ? ['start'] : [join(checkout, 'cli/src/main.ts'), 'serve'],
    cwd: checkout,
    logFile: `${dataFolder}.log`,
    env: {
      BREAKWATER_DATA_DIR: dataFolder,
      BREAKWATER_LISTEN: host,
      ...(admin !== 'generated' && { BREAKWATER_ADMIN_PASSWORD: admin.password }),
      BREAKWATER_LOG_LEVEL: 'warn',
      // Scenarios speak to nobody outside.
      BREAKWATER_VULNDB_SOURCE: 'none',
      ...(tls && { BREAKWATER_TLS_CERT_FILE: tls.certFile, BREAKWATER_TLS_KEY_FILE: tls.keyFile }),
      ...settings,
    },
  })
  const dispose = async () => {
    await daemon[Symbol.asyncDispose]()
    await stopLeftoverDatabase(dataFolder)
  }
  const answers = () =>
    send(`${url}/v2/`, tls && { ca: tls.ca }).then(
      ({ status }) => status === 200 || status === 401,
      () => false,
    )
  try {
    await daemon.untilReady(answers)
  } catch (error) {
    await dispose()
    throw error
  }
  const password = () => readFileSync(join(dataFolder, 'admin-password'), 'utf8').trim()
  const administrator = admin === 'generated' ? { user: 'admin', password: password() } : admin
  return { host, port, url, admin: administrator, daemon, [Symbol.asyncDispose]: dispose }
}
