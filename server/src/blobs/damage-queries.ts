import { type Digest, digestToBytes } from '@breakwater/oci'
import type { Tx } from '../metadata/index.ts'
import type { Reservation } from './reserve.ts'

/** Keeps pushes from naming the blob, and a collector from taking it, until the transaction ends. False where it is gone. */
export async function lockLive(tx: Tx, digest: Digest): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from blob where digest = $1 and state = 'live' and damaged_at is null for update`,
    [digestToBytes(digest)],
  )
  return rowCount === 1
}

export async function markDamaged(tx: Tx, digest: Digest): Promise<void> {
  await tx.query('update blob set damaged_at = now() where digest = $1', [digestToBytes(digest)])
}

/** False where it was not marked, or is another life of the same bytes. */
export async function markWhole(tx: Tx, digest: Digest, reservation: Reservation): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update blob set damaged_at = null where digest = $1 and created_at = $2::timestamptz and damaged_at is not null`,
    [digestToBytes(digest), reservation],
  )
  return rowCount === 1
}
