import { readFile as readSecret } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { Config } from '../config/index.ts'
import type { BlobReads, Hasher } from '../content/index.ts'
import { secretKeyFile } from '../identity/index.ts'
import { copyOut, type Pool, type Tx } from '../metadata/index.ts'
import { type ArchiveWriter, writeFile } from './archive.ts'
import { type CopiedBlobs, copyBlobs } from './copy-blobs.ts'
import { exportTables, passing } from './export.ts'
import { beginBackup } from './folder-archive.ts'
import { openFolderBlobs } from './folder-blobs.ts'
import type { ArchivedFile, Manifest } from './manifest.ts'
import { newId } from './new-id.ts'
import { storedContent, sumContent } from './queries.ts'
import type { Report } from './report.ts'

export interface BackupDeps {
  readonly pool: Pool
  readonly store: BlobReads
  readonly hasher: Hasher
  readonly config: Config
  /** Of Breakwater. */
  readonly version: string
}

export interface BackupOptions {
  /** Folder that may hold backups already. */
  readonly dest: string
  /** Leaves out the file of the secret key. */
  readonly withoutSecretKey: boolean
  /** Goes on where the store has lost something, and says what. */
  readonly allowMissing: boolean
  readonly report: Report
}

export interface BackupResult extends CopiedBlobs {
  readonly id: string
  readonly tables: number
  readonly rows: number
  /** All that belong to it, and their bytes. */
  readonly blobs: number
  readonly blobBytes: number
  readonly secretKey: KeyState
}

/** Whether the secret key is in a backup; `configured`: it is in the configuration, which no backup holds. */
type KeyState = 'included' | 'left out' | 'configured'

/**
 * Saves the database as it is at one moment, and then every blob that it names. The registry may run meanwhile: blobs
 * never change, and what is deleted is kept for the collector's grace period. Until the last step there is no backup.
 */
export async function backup(deps: BackupDeps, options: BackupOptions): Promise<BackupResult> {
  const { dest, report } = options
  const id = newId()
  const archive = await beginBackup(dest, id)
  try {
    const key = await saveSecretKey(archive, deps.config, options)
    const exported = await exportTables(deps.pool, archive, {
      kind: 'backup',
      id,
      version: deps.version,
      choose: (table) => (passing.has(table.name) ? undefined : table),
      also: (tx) => listBlobs(tx, archive),
      progress: (table) => report.step(`table ${table}`),
    })
    const blobs = await openFolderBlobs(dest, deps.hasher)
    const copied = await copyBlobs({ ...deps, blobs }, archive.read(exported), options)
    await blobs.sync()
    const manifest = completed(exported, copied, key.file)
    await archive.publish(manifest)
    return resultOf(manifest, copied, key.state)
  } catch (error) {
    await archive.discard().catch(() => undefined)
    throw error
  }
}

async function saveSecretKey(
  archive: ArchiveWriter,
  config: Config,
  { withoutSecretKey }: BackupOptions,
): Promise<{ readonly state: KeyState; readonly file?: ArchivedFile }> {
  if (config.secretKey) return { state: 'configured' }
  if (withoutSecretKey) return { state: 'left out' }
  const path = secretKeyFile(config)
  const secret = await readSecret(path).catch((cause: unknown) => {
    throw new Error(
      `The secret key ${path} can't be read. Run the backup with the data folder of a server, as its user, or leave the ` +
        'key out with --no-secret-key and keep it elsewhere.',
      { cause },
    )
  })
  return {
    state: 'included',
    file: await writeFile(archive, 'secret.key', Readable.from([secret]), { compress: false }),
  }
}

async function listBlobs(tx: Tx, archive: ArchiveWriter): Promise<Required<Pick<Manifest, 'blobs'>>> {
  let file: ArchivedFile | undefined
  await copyOut(tx, { query: storedContent }, async (rows) => {
    file = await writeFile(archive, 'blobs.list.zst', rows)
  })
  if (!file) throw new Error('the list of blobs was not written')
  return { blobs: { file, ...(await sumContent(tx)), missing: [] } }
}

function completed(exported: Manifest, copied: CopiedBlobs & { absent: string[] }, key?: ArchivedFile): Manifest {
  const { blobs, secretKey } = exported
  return {
    ...exported,
    finishedAt: new Date().toISOString(),
    ...(blobs ? { blobs: { ...blobs, missing: copied.absent } } : {}),
    secretKey: { ...secretKey, ...(key ? { file: key } : {}) },
  }
}

function resultOf({ id, tables }: Manifest, copied: CopiedBlobs, secretKey: KeyState): BackupResult {
  const { blobs, blobBytes, copiedBlobs, copiedBytes, missing } = copied
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  return { id, tables: tables.length, rows, blobs, blobBytes, copiedBlobs, copiedBytes, missing, secretKey }
}
