import type { Config } from './config/index.ts'
import { type ContentStore, createHasher, type Hasher, openStore } from './content/index.ts'
import { attachDatabase, type Database, openDatabase } from './metadata/index.ts'
import { createLogger, type Logger } from './observability/index.ts'
import {
  type BackupOptions,
  type BackupResult,
  backup,
  type RebuildOptions,
  type RebuildResult,
  type Report,
  type RestoreOptions,
  type RestoreResult,
  rebuild,
  restore,
  type Verified,
  verifyBackup,
} from './recovery/index.ts'
import { version } from './version.ts'

export type {
  BackupOptions,
  BackupResult,
  RebuildOptions,
  RebuildResult,
  Report,
  RestoreOptions,
  RestoreResult,
  Verified,
} from './recovery/index.ts'

/** Hashing threads: on two cores one can hash while the other reads. */
const threads = 2

interface Opened {
  readonly database: Database
  readonly store: ContentStore
  readonly hasher: Hasher
  readonly log: Logger
}

/** What a backup, a restore and a rebuild stand on, closed again when `work` has ended. */
async function withInstallation<T>(
  config: Config,
  open: typeof openDatabase,
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  const log = createLogger(config)
  await using database = await open(config, (line) => log.debug({ from: 'postgres' }, line))
  await using hasher = createHasher(threads)
  return await work({ database, hasher, store: await openStore(config), log })
}

/** Saves the registry of a configuration, whether it runs or not. */
export function backupRegistry(config: Config, options: BackupOptions): Promise<BackupResult> {
  return withInstallation(config, attachDatabase, (opened) =>
    backup({ ...opened, pool: opened.database.pool, config, version }, options),
  )
}

/** Fills an empty installation from a backup. */
export function restoreRegistry(config: Config, options: RestoreOptions): Promise<RestoreResult> {
  return withInstallation(config, openDatabase, (opened) => restore({ ...opened, config }, options))
}

/** Fills an empty database from the store of the configuration. */
export function rebuildRegistry(config: Config, options: RebuildOptions): Promise<RebuildResult> {
  return withInstallation(config, openDatabase, (opened) => rebuild({ ...opened, config }, options))
}

/** Reads a backup whole; needs no installation. */
export async function checkBackup(options: { source: string; id?: string; report: Report }): Promise<Verified> {
  await using hasher = createHasher(threads)
  return await verifyBackup({ hasher }, options)
}
