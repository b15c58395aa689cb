import { Readable } from 'node:stream'
import { waitingJobs } from '../jobs/index.ts'
import {
  copyOut,
  listTables,
  migrationState,
  type Pool,
  readSetting,
  sequenceValues,
  snapshot,
  type TableShape,
  type Tx,
} from '../metadata/index.ts'
import { type ArchiveWriter, writeFile } from './archive.ts'
import type { ArchivedTable, Manifest } from './manifest.ts'
import { readServerVersion } from './queries.ts'

export interface ExportOptions {
  readonly kind: Manifest['kind']
  readonly id: string
  /** Of Breakwater. */
  readonly version: string
  /** The table as it is to be written; undefined leaves it out. */
  choose(table: TableShape): TableShape | undefined
  /** More that is read at the same moment. */
  also?(tx: Tx): Promise<Pick<Manifest, 'blobs'>>
  progress?(table: string): void
}

/** Rows that only mean something while the registry runs: where uploads stand, and who is logged in with a browser. */
export const passing: ReadonlySet<string> = new Set(['upload', 'session'])

/** Writes all tables as they are at one moment. What it returns becomes the manifest, once all else is there. */
export async function exportTables(pool: Pool, archive: ArchiveWriter, options: ExportOptions): Promise<Manifest> {
  const startedAt = new Date().toISOString()
  const { applied: migrations } = await migrationState(pool)
  if (migrations.length === 0) throw new Error('The database is not set up: there is nothing to save yet.')
  return snapshot(pool, async (tx) => {
    const tables: ArchivedTable[] = []
    for (const found of await listTables(tx)) {
      const table = options.choose(found)
      if (!table) continue
      options.progress?.(table.name)
      tables.push(await exportTable(tx, archive, table))
    }
    const also = await options.also?.(tx)
    const jobs = await writeFile(archive, 'jobs.json.zst', Readable.from([JSON.stringify(await waitingJobs(tx))]))
    const check = await readSetting(tx, 'secret_key_check')
    return {
      format: 1,
      kind: options.kind,
      id: options.id,
      version: options.version,
      postgresql: await readServerVersion(tx),
      startedAt,
      finishedAt: new Date().toISOString(),
      migrations: [...migrations],
      tables,
      sequences: [...(await sequenceValues(tx))],
      jobs,
      ...also,
      secretKey: { check: typeof check === 'string' ? check : null },
    }
  })
}

async function exportTable(tx: Tx, archive: ArchiveWriter, table: TableShape): Promise<ArchivedTable> {
  let file: ArchivedTable['file'] | undefined
  const rows = await copyOut(tx, table, async (stream) => {
    file = await writeFile(archive, `${table.name}.copy.zst`, stream)
  })
  if (!file) throw new Error(`${table.name} was not written`)
  const { name, columns, partitions } = table
  return { name, columns: [...columns], partitions: [...partitions], rows, file }
}
