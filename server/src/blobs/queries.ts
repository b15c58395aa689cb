import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import type { Part } from '../content/index.ts'
import { type Actor, type Change, changeValues } from '../ledger/index.ts'
import type { Db, Tx } from '../metadata/index.ts'
import type { Reservation } from './reserve.ts'

export interface LinkedBlob {
  readonly digest: Digest
  /** In bytes. */
  readonly size: number
}

/** The sizes of those of `digests` that are linked in the repository and whole. */
export async function linkedSizes(
  db: Db,
  repositoryId: number,
  digests: readonly Digest[],
): Promise<ReadonlyMap<Digest, number>> {
  const { rows } = await db.query<{ digest: Buffer; size: number }>({
    name: 'blob-linked',
    text: `select b.digest, b.size from repository_blob l join blob b using (digest)
           where l.repository_id = $1 and l.digest = any($2) and b.damaged_at is null`,
    values: [repositoryId, digests.map(digestToBytes)],
  })
  return new Map(rows.map((row) => [digestFromBytes(row.digest), row.size]))
}

/**
 * Records content that is durable in the store, the repository's right to use it, and the end of the upload that
 * brought it, in one statement and so in one transaction and one round trip. False where the reservation does not hold.
 */
export async function linkUploaded(
  db: Db,
  upload: { readonly id: string; readonly repositoryId: number },
  { digest, reservation }: { readonly digest: Digest; readonly reservation: Reservation },
  actor: Actor,
  change: Change,
): Promise<boolean> {
  const { rows } = await db.query<{ linked: boolean }>({
    name: 'blob-link',
    // A link of before is renewed: that it was never used is counted from now.
    // What has happened to the blob is asked of the locked row: the snapshot may be from before a quarantine waited for.
    text: `with content as materialized (select digest, state = 'doomed' or damaged_at is not null as down from blob
               where digest = $2 and created_at = $3::timestamptz and state <> 'deleting' for key share),
             revived as (update blob set state = 'live', doomed_at = null, damaged_at = null
               where digest in (select digest from content where down)),
             link as (insert into repository_blob (repository_id, digest) select $1, digest from content
               on conflict (repository_id, digest) do update set linked_at = now(), doomed_at = null),
             gone as (delete from upload where id = $4 and exists (select from content))
           select exists (select from content) as linked,
             (select record_change($5, $6, $7, $8, $9, $10, $11, $12) from content)`,
    values: [upload.repositoryId, digestToBytes(digest), reservation, upload.id, ...changeValues(actor, change)],
  })
  return rows[0]?.linked === true
}

/** Links a blob of another repository here; false where that one does not have it. */
export async function linkFromRepository(tx: Tx, repositoryId: number, from: number, digest: Digest): Promise<boolean> {
  return linkAllFromRepository(tx, repositoryId, from, [digest])
}

/** The same for many blobs; false where that one lacks any of them. */
export async function linkAllFromRepository(
  tx: Tx,
  repositoryId: number,
  from: number,
  digests: readonly Digest[],
): Promise<boolean> {
  // While the source is linked, nobody deletes the bytes.
  const { rowCount } = await tx.query(
    `with source as materialized (select digest from repository_blob where repository_id = $2 and digest = any($3)
         order by digest for key share),
       made as (insert into repository_blob (repository_id, digest) select $1, digest from source
         on conflict (repository_id, digest) do update set linked_at = now(), doomed_at = null)
     select from source`,
    [repositoryId, from, digests.map(digestToBytes)],
  )
  return rowCount === digests.length
}

/** Makes doomed links live that are locked. */
export async function reviveLinks(tx: Tx, repositoryId: number, digests: readonly Digest[]): Promise<void> {
  await tx.query(
    `update repository_blob set doomed_at = null
     where (repository_id, digest) in (select repository_id, digest from repository_blob
       where repository_id = $1 and digest = any($2) and doomed_at is not null order by digest for no key update)`,
    [repositoryId, digests.map(digestToBytes)],
  )
}

/** Gives the bytes of a manifest a name, in the transaction that records it. False where the reservation does not hold. */
export async function nameContent(tx: Tx, digest: Digest, reservation: Reservation): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: 'blob-name',
    text: `with content as materialized (select digest from blob
               where digest = $1 and created_at = $2::timestamptz and state <> 'deleting' for key share),
             revived as (update blob set state = 'live', doomed_at = null
               where state = 'doomed' and digest in (select digest from content))
           select from content`,
    values: [digestToBytes(digest), reservation],
  })
  return rowCount === 1
}

/** Waits for pushes that are using the link, and keeps new ones waiting. False where it is not there. */
export async function lockLink(tx: Tx, repositoryId: number, digest: Digest): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select from repository_blob where repository_id = $1 and digest = $2 and doomed_at is null for update',
    [repositoryId, digestToBytes(digest)],
  )
  return rowCount === 1
}

export async function unlinkBlob(tx: Tx, repositoryId: number, digest: Digest): Promise<void> {
  await tx.query('delete from repository_blob where repository_id = $1 and digest = $2', [
    repositoryId,
    digestToBytes(digest),
  ])
}

/** Takes back that there are blobs whose bytes are lost, so that who pushes them is asked for them again. */
export async function forgetBlobs(tx: Tx, digests: readonly Digest[]): Promise<void> {
  const values = [digests.map(digestToBytes)]
  await tx.query('delete from repository_blob where digest = any($1)', values)
  await tx.query('delete from blob where digest = any($1)', values)
}

export interface UploadRow {
  readonly id: string
  readonly repositoryId: number
  readonly parts: readonly Part[]
}

export async function insertUpload(
  db: Db,
  upload: { id: string; repositoryId: number; actor: string; expiry: number },
): Promise<void> {
  await db.query({
    name: 'upload-insert',
    text: `insert into upload (id, repository_id, actor, expires_at)
           values ($1, $2, $3, now() + $4 * interval '1 millisecond')`,
    values: [upload.id, upload.repositoryId, upload.actor, upload.expiry],
  })
}

/** An upload as a client names it: by its id, in the repository that it was started in. */
interface UploadKey {
  readonly id: string
  readonly repositoryId: number
}

export async function findUpload(db: Db, { id, repositoryId }: UploadKey): Promise<UploadRow | undefined> {
  const { rows } = await db.query<UploadRow>({
    name: 'upload-find',
    text: `select id, repository_id as "repositoryId", parts from upload
           where id = $1 and repository_id = $2 and expires_at > now()`,
    values: [id, repositoryId],
  })
  return rows[0]
}

/** Makes `writer` the one that may add to the upload; an earlier one finds out when it next reports. */
export async function claimUpload(
  db: Db,
  { id, repositoryId }: UploadKey,
  writer: string,
  expiry: number,
): Promise<UploadRow | undefined> {
  const { rows } = await db.query<UploadRow>({
    name: 'upload-claim',
    text: `update upload set writer = $3, expires_at = now() + $4 * interval '1 millisecond'
           where id = $1 and repository_id = $2 and expires_at > now()
           returning id, repository_id as "repositoryId", parts`,
    values: [id, repositoryId, writer, expiry],
  })
  return rows[0]
}

/** Stores how far `writer` has come and pushes the expiry out; false where another has taken over. */
export async function saveParts(
  db: Db,
  id: string,
  writer: string,
  parts: readonly Part[],
  expiry: number,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'upload-parts',
    text: `update upload set parts = $3, expires_at = now() + $4 * interval '1 millisecond' where id = $1 and writer = $2`,
    values: [id, writer, JSON.stringify(parts), expiry],
  })
  return rowCount === 1
}

export async function deleteUpload(db: Db, id: string): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'upload-delete',
    text: 'delete from upload where id = $1',
    values: [id],
  })
  return rowCount === 1
}

/** A batch of uploads that nobody has touched for their lifetime, kept from other processes until the transaction ends. */
export async function lockExpired(tx: Tx, limit: number): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    'select id from upload where expires_at < now() order by expires_at limit $1 for update skip locked',
    [limit],
  )
  return rows.map((row) => row.id)
}
