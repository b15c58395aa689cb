import type { StoredRecords } from '../content/index.ts'
import type { Pool, TableShape } from '../metadata/index.ts'
import { exportTables, passing } from './export.ts'
import type { Manifest } from './manifest.ts'
import { newId } from './new-id.ts'
import { beginSnapshot, clearSnapshots } from './store-archive.ts'

/** What is found out again from the blobs and from outside, and the history, which grows without end. */
const left: ReadonlySet<string> = new Set([
  ...passing,
  ...['ledger', 'pull', 'refusal'],
  ...['layer', 'layer_inventory', 'scan', 'scan_summary', 'scan_all', 'verdict', 'served_blob'],
  ...['vulndb_generation', 'vulndb_import', 'advisory_group', 'vulnerability', 'data_source'],
  ...['package_question', 'package_answer'],
])

export interface SnapshotDeps {
  readonly pool: Pool
  readonly store: StoredRecords
  /** Of Breakwater. */
  readonly version: string
}

/** Writes into the store what it takes to find a registry's names again, and keeps the newest `keep` of them. */
export async function takeSnapshot({ pool, store, version }: SnapshotDeps, keep: number): Promise<Manifest> {
  const id = newId()
  const archive = beginSnapshot(store, id)
  const manifest = await exportTables(pool, archive, { kind: 'snapshot', id, version, choose })
  await archive.publish(manifest)
  await clearSnapshots(store, keep)
  return manifest
}

function choose(table: TableShape): TableShape | undefined {
  if (left.has(table.name)) return undefined
  // Manifests are blobs of the store too.
  if (table.name !== 'manifest') return table
  return { ...table, columns: table.columns.filter((column) => column !== 'bytes') }
}
