import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'

const whole = `with recursive whole (digest) as (
     select $2::bytea
     union select part.digest from whole cross join lateral (
       select child as digest from manifest_reference where parent = whole.digest
       union all select digest from referrer where repository_id = $1 and subject = whole.digest) part)
   select m.digest from repository_manifest m where m.repository_id = $1 and m.digest in (select digest from whole)
   order by m.digest`

/** An artifact of a repository with all that goes with it: children and accessories, theirs too. */
export async function findWhole(db: Db, repositoryId: number, digest: Digest): Promise<Digest[]> {
  const { rows } = await db.query<{ digest: Buffer }>(whole, [repositoryId, digestToBytes(digest)])
  return rows.map((row) => digestFromBytes(row.digest))
}

/** The same, and keeps them from being removed until the transaction ends. */
export async function lockWhole(tx: Tx, repositoryId: number, digest: Digest): Promise<Digest[]> {
  const { rows } = await tx.query<{ digest: Buffer }>(`${whole} for key share`, [repositoryId, digestToBytes(digest)])
  return rows.map((row) => digestFromBytes(row.digest))
}

/** The blobs that these manifests need. */
export async function blobsOfAll(tx: Tx, digests: readonly Digest[]): Promise<Digest[]> {
  const { rows } = await tx.query<{ blob: Buffer }>(
    'select distinct blob from manifest_blob where manifest = any($1)',
    [digests.map(digestToBytes)],
  )
  return rows.map((row) => digestFromBytes(row.blob))
}

/** Puts manifests of one repository into another, as what they are there; returns those that are new. */
export async function linkCopies(
  tx: Tx,
  from: number,
  to: number,
  digests: readonly Digest[],
  pushedBy: string,
): Promise<Digest[]> {
  const keys = digests.map(digestToBytes)
  const { rows } = await tx.query<{ digest: Buffer; fresh: boolean }>(
    `insert into repository_manifest as known (repository_id, digest, media_type, size, pushed_by, accessory_type)
     select $2, digest, media_type, size, $4, accessory_type from repository_manifest
     where repository_id = $1 and digest = any($3) order by digest
     on conflict (repository_id, digest) do update
       set accessory_type = coalesce(known.accessory_type, excluded.accessory_type)
     returning digest, xmax = 0 as fresh`,
    [from, to, keys, pushedBy],
  )
  await tx.query(
    `insert into referrer (repository_id, subject, digest) select $2, subject, digest from referrer
     where repository_id = $1 and digest = any($3) order by id on conflict do nothing`,
    [from, to, keys],
  )
  return rows.filter(({ fresh }) => fresh).map((row) => digestFromBytes(row.digest))
}

/** Copies the tags of these artifacts; a tag of the same name moves. Returns the names. */
export async function copyTags(tx: Tx, from: number, to: number, digests: readonly Digest[]): Promise<string[]> {
  const { rows } = await tx.query<{ name: string }>(
    `insert into tag as known (repository_id, name, digest) select $2, name, digest from tag
     where repository_id = $1 and digest = any($3) order by name
     on conflict (repository_id, name) do update set digest = excluded.digest,
       updated_at = case when known.digest = excluded.digest then known.updated_at else now() end
     returning name`,
    [from, to, digests.map(digestToBytes)],
  )
  return rows.map(({ name }) => name)
}

/** Those of the artifacts that are accessories. */
export async function accessoriesAmong(tx: Tx, repositoryId: number, digests: readonly Digest[]): Promise<Digest[]> {
  const { rows } = await tx.query<{ digest: Buffer }>(
    `select digest from repository_manifest
     where repository_id = $1 and digest = any($2) and accessory_type is not null`,
    [repositoryId, digests.map(digestToBytes)],
  )
  return rows.map((row) => digestFromBytes(row.digest))
}
