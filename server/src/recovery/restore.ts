import type { Config } from '../config/index.ts'
import { type ContentStore, type Hasher, storeBlob } from '../content/index.ts'
import { createJobs } from '../jobs/index.ts'
import { type Database, migrate, migrationState, readSetting, requireEmpty, requireKnown } from '../metadata/index.ts'
import type { Logger } from '../observability/index.ts'
import type { ArchiveReader } from './archive.ts'
import { neededBlobs } from './blob-list.ts'
import { eachBounded } from './bounded.ts'
import { openBackup } from './folder-archive.ts'
import { type FolderBlobs, openFolderBlobs } from './folder-blobs.ts'
import { loadArchive, restoredSetting } from './load-archive.ts'
import { clearMark, goesOn, setMark } from './mark.ts'
import { analyze } from './queries.ts'
import { blobProgress, type Report } from './report.ts'
import { chooseKey } from './secret-key.ts'
import { verifyArchive } from './verify.ts'

export interface RestoreDeps {
  readonly database: Database
  readonly store: ContentStore
  readonly hasher: Hasher
  readonly config: Config
  readonly log: Logger
}

export interface RestoreOptions {
  /** Folder with backups, and which one; the newest unless it is named. */
  readonly source: string
  readonly id?: string | undefined
  /** Goes on without the key of the backup; robots then need new secrets. */
  readonly newSecretKey: boolean
  readonly report: Report
}

export interface RestoreResult {
  readonly id: string
  /** When the backup's rows were read, ISO 8601. */
  readonly takenAt: string
  readonly rows: number
  readonly blobs: number
  readonly blobBytes: number
  /** Migrations that came after the backup. */
  readonly migrated: readonly string[]
  /** Digests that the backup lacks, as it was told when it was made. */
  readonly missing: readonly string[]
  /** True where robots need new secrets. */
  readonly newSecretKey: boolean
}

/** Blobs that are stored at once: small ones mostly wait for the disk. */
const width = 8

/**
 * Fills an empty database and an empty store from a backup, which is read and hashed whole before anything changes.
 * Blobs come first; the database is filled in one transaction. One that was killed is done again from the same backup,
 * and no server starts until it has come to its end.
 */
export async function restore(deps: RestoreDeps, options: RestoreOptions): Promise<RestoreResult> {
  const { database, store, hasher, config } = deps
  const { report } = options
  const archive = await openBackup(options.source, options.id)
  const { id, migrations } = archive.manifest
  requireKnown(migrations)
  const again = await goesOn(store, id)
  const loaded = again && (await isLoaded(database, id))
  if (!loaded) await requireEmpty(database.pool)
  const key = await chooseKey(archive, config, options.newSecretKey)
  const blobs = await openFolderBlobs(options.source, hasher)
  const { problems, ...verified } = await verifyArchive(archive, blobs, {
    step: (text) => report.step(`checking ${text}`),
  })
  if (problems.length > 0) throw new Error(`${problems.join('\n')}\nNothing was changed.`)

  await setMark(store, id)
  await fillStore(deps, archive, blobs, report)
  await key.place()
  report.step('database')
  if (!loaded) {
    await using jobs = await createJobs(database, deps.log, { works: false })
    await loadArchive({ ...deps, pool: database.pool, jobs }, archive, { keepsKey: key.same })
  }
  const migrated = await migrate(database.pool)
  await analyze(database.pool)
  await clearMark(store)
  return {
    ...resultOf(archive),
    ...verified,
    migrated,
    newSecretKey: !key.same,
  }
}

function resultOf({ manifest }: ArchiveReader): Pick<RestoreResult, 'takenAt' | 'rows' | 'missing'> {
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
  return { takenAt: manifest.startedAt, rows, missing: manifest.blobs?.missing ?? [] }
}

/** The database was filled, and what came after it was not. */
async function isLoaded({ pool }: Database, id: string): Promise<boolean> {
  const { applied } = await migrationState(pool)
  return applied.length > 0 && (await readSetting(pool, restoredSetting)) === id
}

async function fillStore(
  { store, hasher }: RestoreDeps,
  archive: ArchiveReader,
  blobs: FolderBlobs,
  report: Report,
): Promise<void> {
  const all = archive.manifest.blobs ?? { count: 0, bytes: 0 }
  const done = { count: 0, bytes: 0 }
  await eachBounded(neededBlobs(archive), width, async (blob) => {
    if ((await store.size(blob.digest)) !== blob.size) await storeBlob({ store, hasher }, blob, blobs.open(blob.digest))
    done.count += 1
    done.bytes += blob.size
    report.step(`storing ${blobProgress(done, all)}`)
  })
}
