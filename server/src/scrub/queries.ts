import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'

/** The reading of all blobs once. */
export interface Pass {
  readonly begunAt: Date
  /** Undefined while it goes on. */
  readonly endedAt: Date | undefined
  readonly blobs: number
  readonly bytes: number
  readonly damaged: number
  readonly healed: number
}

export interface SizedBlob {
  readonly digest: Digest
  /** In bytes. */
  readonly size: number
}

interface PassRow {
  readonly begunAt: Date
  readonly endedAt: Date | null
  readonly blobs: number
  readonly bytes: number
  readonly damaged: number
  readonly healed: number
}

/** The pass that goes on, or the last one; undefined before the first. */
export async function findPass(db: Db): Promise<Pass | undefined> {
  const { rows } = await db.query<PassRow>(
    `select begun_at as "begunAt", ended_at as "endedAt", blobs, bytes, damaged, healed
     from scrub where begun_at is not null`,
  )
  const [row] = rows
  return row && { ...row, endedAt: row.endedAt ?? undefined }
}

/** Has a pass begin as soon as none goes on. */
export async function askForPass(tx: Tx): Promise<void> {
  await tx.query('update scrub set asked = true')
}

/**
 * Begins a pass where none goes on and one is wanted: somebody asked for it, or the last one began `everyMs` ago (undefined:
 * never). Returns whether one goes on now.
 */
export async function beginPass(db: Db, everyMs: number | undefined): Promise<boolean> {
  await db.query(
    `update scrub set begun_at = now(), ended_at = null, position = '', blobs = 0, bytes = 0, damaged = 0, healed = 0,
       asked = false
     where (begun_at is null or ended_at is not null)
       and (asked or coalesce(begun_at, '-infinity') <= now() - $1 * interval '1 ms')`,
    [everyMs ?? null],
  )
  const { rows } = await db.query('select from scrub where begun_at is not null and ended_at is null')
  return rows.length === 1
}

/** What comes next in the pass: what is being deleted, or about to be, and what is known to be damaged, is left out. */
export async function nextBlobs(db: Db, limit: number): Promise<readonly SizedBlob[]> {
  const { rows } = await db.query<{ digest: Buffer; size: number }>(
    `select digest, size from blob where digest > (select position from scrub) and state = 'live' and damaged_at is null
     order by digest limit $1`,
    [limit],
  )
  return rows.map(({ digest, size }) => ({ digest: digestFromBytes(digest), size }))
}

/** Adds to what the pass has done, which has come to `position`. */
export async function noteProgress(
  db: Db,
  position: Digest,
  { blobs, bytes, damaged, healed }: Omit<Pass, 'begunAt' | 'endedAt'>,
): Promise<void> {
  await db.query(
    `update scrub set position = $1, blobs = blobs + $2, bytes = bytes + $3, damaged = damaged + $4, healed = healed + $5`,
    [digestToBytes(position), blobs, bytes, damaged, healed],
  )
}

export async function endPass(db: Db): Promise<void> {
  await db.query('update scrub set ended_at = now()')
}

/** A blob that is not served. */
export interface DamagedBlob extends SizedBlob {
  readonly since: Date
  /** Some of the repositories that have it, or a manifest of that digest. */
  readonly repositories: readonly string[]
}

const mostRepositories = 10

/** In the order of their digests, after `after`. */
export async function listDamaged(db: Db, limit: number, after?: Digest): Promise<readonly DamagedBlob[]> {
  const { rows } = await db.query<Omit<DamagedBlob, 'digest'> & { digest: Buffer }>(
    `select b.digest, b.size, b.damaged_at as since, array(
       select p.name || '/' || r.name from (select repository_id from repository_blob l where l.digest = b.digest
           union select repository_id from repository_manifest m where m.digest = b.digest) has
         join repository r on r.id = has.repository_id join project p on p.id = r.project_id
       order by 1 limit ${mostRepositories}) as repositories
     from blob b where b.damaged_at is not null and b.digest > $2 order by b.digest limit $1`,
    [limit, after ? digestToBytes(after) : Buffer.alloc(0)],
  )
  return rows.map((row) => ({ ...row, digest: digestFromBytes(row.digest) }))
}

export async function countDamaged(db: Db): Promise<number> {
  const { rows } = await db.query<{ count: number }>('select count(*) from blob where damaged_at is not null')
  return rows[0]?.count ?? 0
}
