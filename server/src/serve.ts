import { access } from 'node:fs/promises'
import { startApp } from './app.ts'
import type { Config } from './config/index.ts'
import { adminPasswordFile } from './identity/index.ts'
import { migrate, migrationState, openDatabase } from './metadata/index.ts'
import { createLogger } from './observability/index.ts'
import { version } from './version.ts'

export interface RunningServer extends AsyncDisposable {
  /** As clients type it: `http://127.0.0.1:8080`. */
  readonly address: string
  /** Where a generated administrator's password is; undefined where it was configured. */
  readonly adminPasswordFile: string | undefined
  readonly version: string
  /** Resolves when the server has ended, asked to or not. */
  readonly closed: Promise<void>
  /** Drains, as the setting `drain` says, and ends. */
  close(): Promise<void>
}

/** Starts the registry; resolves when it answers. What fails is closed again before the error is thrown. */
export async function startServer(config: Config): Promise<RunningServer> {
  const app = await startApp(config)
  const ended = Promise.withResolvers<void>()
  let closing: Promise<void> | undefined
  const end = (work: () => Promise<void>): Promise<void> => {
    closing ??= work().then(ended.resolve, ended.reject)
    return closing
  }
  const close = () =>
    end(async () => {
      await app.drain()
      await app[Symbol.asyncDispose]()
    })
  void app.lost.then(() => end(async () => app[Symbol.asyncDispose]()))
  const file = adminPasswordFile(config)
  const generated = await access(file).then(
    () => true,
    () => false,
  )
  return {
    address: app.address,
    adminPasswordFile: generated ? file : undefined,
    version,
    closed: ended.promise,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Brings the database to this version's schema. */
export async function migrateDatabase(
  config: Config,
): Promise<{ applied: readonly string[]; pending: readonly string[] }> {
  const log = createLogger(config)
  await using database = await openDatabase(config, (line) => log.debug({ from: 'postgres' }, line))
  const applied = await migrate(database.pool)
  return { applied, pending: (await migrationState(database.pool)).pending }
}
