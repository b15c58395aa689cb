import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'
import { deletionLeaseMs } from './reserve-queries.ts'

/** A blob in one repository. */
export interface Link {
  readonly repositoryId: number
  readonly digest: Digest
}

interface LinkRow {
  readonly repository_id: number
  readonly digest: Buffer
}

const needed = `exists (select from manifest_blob b
  join repository_manifest m on m.digest = b.manifest and m.repository_id = l.repository_id where b.blob = l.digest)`

/** Whether anything names the bytes of blob `b`: a repository, also one where it is doomed, or a manifest. */
const named = `(exists (select from repository_blob l where l.digest = b.digest)
  or exists (select from manifest m where m.digest = b.digest))`

const valuesOf = (links: readonly Link[]) => [
  links.map((link) => link.repositoryId),
  links.map((link) => digestToBytes(link.digest)),
]

const linkOf = (row: LinkRow): Link => ({ repositoryId: row.repository_id, digest: digestFromBytes(row.digest) })

/**
 * Keeps pushes from using these links until the transaction ends. `busy` are those that one is using now; what is in
 * neither list is gone.
 */
export async function lockLinks(
  tx: Tx,
  links: readonly Link[],
): Promise<{ readonly locked: readonly Link[]; readonly busy: readonly Link[] }> {
  const wanted = `repository_blob l join unnest($1::bigint[], $2::bytea[]) as asked (repository_id, digest)
    on l.repository_id = asked.repository_id and l.digest = asked.digest`
  const all = await tx.query<LinkRow>(`select l.repository_id, l.digest from ${wanted}`, valuesOf(links))
  const free = await tx.query<LinkRow>(
    `select l.repository_id, l.digest from ${wanted} for update of l skip locked`,
    valuesOf(links),
  )
  const locked = free.rows.map(linkOf)
  const keys = new Set(locked.map(keyOf))
  return { locked, busy: all.rows.map(linkOf).filter((link) => !keys.has(keyOf(link))) }
}

/** A link as one text. */
export function keyOf({ repositoryId, digest }: Link): string {
  return `${repositoryId}@${digest}`
}

/**
 * Dooms those of the locked links that no manifest of their repository needs; returns how many. Those made in the last
 * `windowMs` are left, and returned as `young`.
 */
export async function doomLinks(
  tx: Tx,
  links: readonly Link[],
  windowMs: number,
): Promise<{ readonly doomed: number; readonly young: readonly Link[] }> {
  const asked = 'l.repository_id = asked.repository_id and l.digest = asked.digest'
  const { rows } = await tx.query<LinkRow>(
    `select l.repository_id, l.digest from repository_blob l
       join unnest($1::bigint[], $2::bytea[]) as asked (repository_id, digest) on ${asked}
     where l.linked_at > now() - $3 * interval '1 ms' and not ${needed}`,
    [...valuesOf(links), windowMs],
  )
  const { rowCount } = await tx.query(
    `update repository_blob l set doomed_at = now() from unnest($1::bigint[], $2::bytea[]) as asked (repository_id, digest)
     where ${asked} and l.doomed_at is null and l.linked_at <= now() - $3 * interval '1 ms' and not ${needed}`,
    [...valuesOf(links), windowMs],
  )
  return { doomed: rowCount ?? 0, young: rows.map(linkOf) }
}

/** Removes links that have been doomed for `graceMs`, and revives those that are needed after all; returns how many it saw. */
export async function removeDoomedLinks(
  tx: Tx,
  graceMs: number,
  limit: number,
): Promise<{ readonly seen: number; readonly removed: number }> {
  const { rows } = await tx.query<LinkRow>(
    `select repository_id, digest from repository_blob where doomed_at < now() - $1 * interval '1 ms'
     order by doomed_at limit $2 for update skip locked`,
    [graceMs, limit],
  )
  // Asked only now that they are locked: a snapshot from before could lack the manifest of a push that has just ended.
  const asked = 'l.repository_id = asked.repository_id and l.digest = asked.digest'
  const given = 'unnest($1::bigint[], $2::bytea[]) as asked (repository_id, digest)'
  const values = valuesOf(rows.map(linkOf))
  await tx.query(`update repository_blob l set doomed_at = null from ${given} where ${asked} and ${needed}`, values)
  const { rowCount } = await tx.query(
    `delete from repository_blob l using ${given} where ${asked} and l.doomed_at is not null`,
    values,
  )
  return { seen: rows.length, removed: rowCount ?? 0 }
}

/** The same as lockLinks, for the blobs themselves: keeps uploads and mounts from naming them. */
export async function lockBlobs(
  tx: Tx,
  digests: readonly Digest[],
): Promise<{ readonly locked: readonly Digest[]; readonly busy: readonly Digest[] }> {
  const values = [digests.map(digestToBytes)]
  const all = await tx.query<{ digest: Buffer }>('select digest from blob where digest = any($1)', values)
  const free = await tx.query<{ digest: Buffer }>(
    'select digest from blob where digest = any($1) for update skip locked',
    values,
  )
  const locked = new Set(free.rows.map((row) => digestFromBytes(row.digest)))
  const busy = all.rows.map((row) => digestFromBytes(row.digest)).filter((digest) => !locked.has(digest))
  return { locked: [...locked], busy }
}

/** Dooms those of the locked blobs that nothing names; returns how many. */
export async function doomBlobs(tx: Tx, digests: readonly Digest[]): Promise<number> {
  const { rowCount } = await tx.query(
    `update blob b set state = 'doomed', doomed_at = now()
     where b.digest = any($1) and b.state = 'live' and not ${named}`,
    [digests.map(digestToBytes)],
  )
  return rowCount ?? 0
}

/** Bytes that are being deleted: `made` and `deletingAt` are the life of the row, and the announcement. */
export interface Deletion {
  readonly digest: Digest
  readonly size: number
  readonly deletingAt: string
}

interface DeletionRow {
  readonly digest: Buffer
  readonly size: number
  readonly deletingAt: string
}

const deletionOf = (row: DeletionRow): Deletion => ({ ...row, digest: digestFromBytes(row.digest) })

/**
 * Announces the deletion of blobs that have been doomed for `graceMs`, and revives those that something names after all;
 * once the transaction is committed nothing can name them any more. `seen`: how many it looked at.
 */
export async function announceDeletions(
  tx: Tx,
  graceMs: number,
  limit: number,
): Promise<{ readonly seen: number; readonly deletions: readonly Deletion[] }> {
  const { rows } = await tx.query<{ digest: Buffer }>(
    `select digest from blob where state = 'doomed' and doomed_at < now() - $1 * interval '1 ms'
     order by doomed_at limit $2 for update skip locked`,
    [graceMs, limit],
  )
  // As for links: asked only now that they are locked.
  const values = [rows.map((row) => row.digest)]
  await tx.query(
    `update blob b set state = 'live', doomed_at = null where b.digest = any($1) and b.state = 'doomed' and ${named}`,
    values,
  )
  const announced = await tx.query<DeletionRow>(
    `update blob b set state = 'deleting', deleting_at = clock_timestamp() where b.digest = any($1) and b.state = 'doomed'
     returning digest, size, deleting_at::text as "deletingAt"`,
    values,
  )
  return { seen: rows.length, deletions: announced.rows.map(deletionOf) }
}

/** Takes over deletions that were announced so long ago that whoever did it has died or failed. */
export async function takeOverDeletions(tx: Tx, limit: number): Promise<readonly Deletion[]> {
  const { rows } = await tx.query<DeletionRow>(
    `update blob set deleting_at = clock_timestamp() where digest in (
       select digest from blob where state = 'deleting' and deleting_at < clock_timestamp() - $1 * interval '1 ms'
       order by deleting_at limit $2 for update skip locked)
     returning digest, size, deleting_at::text as "deletingAt"`,
    [deletionLeaseMs, limit],
  )
  return rows.map(deletionOf)
}

/** Ends deletions whose bytes are gone; returns those that were this announcement's still. */
export async function endDeletions(tx: Tx, deletions: readonly Deletion[]): Promise<readonly Digest[]> {
  const { rows } = await tx.query<{ digest: Buffer }>(
    `delete from blob b using unnest($1::bytea[], $2::timestamptz[]) as asked (digest, deleting_at)
     where b.digest = asked.digest and b.state = 'deleting' and b.deleting_at = asked.deleting_at returning b.digest`,
    [deletions.map(({ digest }) => digestToBytes(digest)), deletions.map(({ deletingAt }) => deletingAt)],
  )
  return rows.map((row) => digestFromBytes(row.digest))
}

/** The bytes of manifests that are about to go, as blobs, where an older release has not made them so. */
export async function keepContent(tx: Tx, digests: readonly Digest[]): Promise<void> {
  await tx.query(
    'insert into blob (digest, size) select digest, size from manifest where digest = any($1) on conflict do nothing',
    [digests.map(digestToBytes)],
  )
}

/** Bytes that are in the store. */
export interface StoredBlob {
  readonly digest: Digest
  readonly size: number
}

interface StoredRow {
  readonly digest: Buffer
  readonly size: number
}

/** Those of what the store has that neither a blob nor a manifest stands for. */
const strays = `select s.digest, s.size from unnest($1::bytea[], $2::bigint[]) as s (digest, size)
  where not exists (select from blob b where b.digest = s.digest)
    and not exists (select from manifest m where m.digest = s.digest)`

/** Which of these blobs of the store have no record. */
export function withoutRecord(db: Db, stored: readonly StoredBlob[]): Promise<readonly StoredBlob[]> {
  return storedBlobs(db, strays, stored)
}

/** Makes a doomed record for those that have none; returns them. Bytes that are just being pushed have had one before. */
export function doomStrays(db: Db, stored: readonly StoredBlob[]): Promise<readonly StoredBlob[]> {
  const text = `insert into blob (digest, size, state, doomed_at)
    select digest, size, 'doomed', clock_timestamp() from (${strays}) stray on conflict do nothing returning digest, size`
  return storedBlobs(db, text, stored)
}

async function storedBlobs(db: Db, text: string, stored: readonly StoredBlob[]): Promise<readonly StoredBlob[]> {
  const values = [stored.map(({ digest }) => digestToBytes(digest)), stored.map(({ size }) => size)]
  const { rows } = await db.query<StoredRow>(text, values)
  return rows.map((row) => ({ digest: digestFromBytes(row.digest), size: row.size }))
}
