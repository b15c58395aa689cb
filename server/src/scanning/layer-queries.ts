import type { LayerInventory } from '@breakwater/inventory'
import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'

/** What a blob holds: an unpacked layer by its digest, or why it holds none. */
export type KnownLayer = { readonly diffId: Digest } | { readonly failure: string }

export async function findLayers(db: Db, blobs: readonly Digest[], format: number): Promise<Map<Digest, KnownLayer>> {
  const { rows } = await db.query<{ blob: Buffer; diffId: Buffer | null; failure: string | null }>({
    name: 'scanning-layers',
    text: 'select blob, diff_id as "diffId", failure from layer where blob = any($1) and format = $2',
    values: [blobs.map(digestToBytes), format],
  })
  return new Map(
    rows.map(({ blob, diffId, failure }) => [
      digestFromBytes(blob),
      diffId ? { diffId: digestFromBytes(diffId) } : { failure: failure ?? '' },
    ]),
  )
}

export async function findInventories(
  db: Db,
  diffIds: readonly Digest[],
  format: number,
): Promise<Map<Digest, LayerInventory>> {
  const { rows } = await db.query<{ diffId: Buffer; inventory: LayerInventory }>({
    name: 'scanning-inventories',
    text: 'select diff_id as "diffId", inventory from layer_inventory where diff_id = any($1) and format = $2',
    values: [diffIds.map(digestToBytes), format],
  })
  return new Map(rows.map(({ diffId, inventory }) => [digestFromBytes(diffId), inventory]))
}

/** Keeps what was read. Blobs that are packed differently may hold the same layer: its inventory is kept once. */
export async function putLayer(
  tx: Tx,
  blob: Digest,
  format: number,
  read: { readonly diffId: Digest; readonly inventory: LayerInventory; readonly size: number },
): Promise<void> {
  const diffId = digestToBytes(read.diffId)
  await tx.query({
    name: 'scanning-put-inventory',
    text: `insert into layer_inventory (diff_id, format, inventory, size) values ($1, $2, $3, $4)
           on conflict do nothing`,
    values: [diffId, format, JSON.stringify(read.inventory), read.size],
  })
  await tx.query({
    name: 'scanning-put-layer',
    text: 'insert into layer (blob, format, diff_id) values ($1, $2, $3) on conflict do nothing',
    values: [digestToBytes(blob), format, diffId],
  })
}

/** Keeps why a blob is no layer, for good: its bytes don't change. */
export async function putUnreadable(tx: Tx, blob: Digest, format: number, failure: string): Promise<void> {
  await tx.query('insert into layer (blob, format, failure) values ($1, $2, $3) on conflict do nothing', [
    digestToBytes(blob),
    format,
    failure.slice(0, 500),
  ])
}
