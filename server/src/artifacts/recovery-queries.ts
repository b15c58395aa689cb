import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'

/** Those of the digests that are manifests, with their bytes. */
export async function manifestsIn(
  db: Db,
  digests: readonly Digest[],
): Promise<{ readonly digest: Digest; readonly bytes: Buffer }[]> {
  const { rows } = await db.query<{ digest: Buffer; bytes: Buffer }>(
    'select digest, bytes from manifest where digest = any($1)',
    [digests.map(digestToBytes)],
  )
  return rows.map(({ digest, bytes }) => ({ digest: digestFromBytes(digest), bytes }))
}

/** Manifests that were loaded without their bytes, from the one after `last` on. */
export async function emptyManifests(
  db: Db,
  last: Digest | undefined,
  limit: number,
): Promise<{ readonly digest: Digest; readonly size: number }[]> {
  const { rows } = await db.query<{ digest: Buffer; size: number }>(
    `select digest, size from manifest where bytes = '' and ($1::bytea is null or digest > $1) order by digest limit $2`,
    [last ? digestToBytes(last) : null, limit],
  )
  return rows.map(({ digest, size }) => ({ digest: digestFromBytes(digest), size }))
}

export async function putManifestBytes(
  tx: Tx,
  manifests: readonly { readonly digest: Digest; readonly bytes: Buffer }[],
): Promise<void> {
  await tx.query(
    `update manifest m set bytes = given.bytes from unnest($1::bytea[], $2::bytea[]) as given (digest, bytes)
     where m.digest = given.digest`,
    [manifests.map(({ digest }) => digestToBytes(digest)), manifests.map(({ bytes }) => bytes)],
  )
}

/** Which of the manifests the repositories hold. */
export async function heldBy(
  tx: Tx,
  digests: readonly Digest[],
): Promise<{ readonly repositoryId: number; readonly digests: readonly Digest[] }[]> {
  const { rows } = await tx.query<{ id: number; digests: Buffer[] }>(
    `select repository_id as id, array_agg(digest order by digest) as digests from repository_manifest
     where digest = any($1) group by 1 order by 1`,
    [digests.map(digestToBytes)],
  )
  return rows.map((row) => ({ repositoryId: row.id, digests: row.digests.map((hash) => digestFromBytes(hash)) }))
}

export async function deleteManifests(tx: Tx, digests: readonly Digest[]): Promise<void> {
  const values = [digests.map(digestToBytes)]
  await tx.query('delete from manifest_blob where manifest = any($1)', values)
  await tx.query('delete from manifest_reference where parent = any($1)', values)
  await tx.query('delete from manifest where digest = any($1)', values)
}
