import { type Digest, digestToBytes } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'
import type { Reservation } from './reserve.ts'

/** The database's time now, as `lockLive` takes it. */
export async function timeNow(db: Db): Promise<string> {
  const { rows } = await db.query<{ now: string }>('select clock_timestamp()::text as now')
  return rows[0]?.now ?? '-infinity'
}

/**
 * Keeps pushes from naming the blob, and a collector from taking it, until the transaction ends. False where it is gone, or
 * somebody has brought its bytes after `since`.
 */
export async function lockLive(tx: Tx, digest: Digest, since: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from blob where digest = $1 and state = 'live' and damaged_at is null for update`,
    [digestToBytes(digest)],
  )
  // Asked only now that it is locked: a snapshot from before could lack a push that has just ended.
  const brought = await tx.query(
    'select from repository_blob where digest = $1 and linked_at > $2::timestamptz limit 1',
    [digestToBytes(digest), since],
  )
  return rowCount === 1 && brought.rowCount === 0
}

/** False where it is whole again, or on its way out. */
export async function isDamaged(db: Db, digest: Digest): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from blob where digest = $1 and state = 'live' and damaged_at is not null`,
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
