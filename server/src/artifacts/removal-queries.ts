import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import type { Tx } from '../metadata/index.ts'

/** An artifact that is locked against everything that would use it. */
export interface LockedArtifact {
  readonly digest: Digest
  /** Indexes of the repository that list it. */
  readonly parents: number
}

/**
 * Locks an artifact and what belongs to it, and what belongs to that, always in one order. The repository is kept from
 * being removed as a whole meanwhile, which locks in another.
 */
export async function lockWithAccessories(tx: Tx, repositoryId: number, digest: Digest): Promise<LockedArtifact[]> {
  await tx.query('select from repository where id = $1 for key share', [repositoryId])
  const { rows } = await tx.query<{ digest: Buffer; parents: number }>(
    `with recursive found (digest) as (
       select $2::bytea union select r.digest from found join referrer r on r.repository_id = $1 and r.subject = found.digest)
     select m.digest, m.parents from repository_manifest m
     where m.repository_id = $1 and m.digest in (select digest from found) order by m.digest for update`,
    [repositoryId, digestToBytes(digest)],
  )
  return rows.map((row) => ({ digest: digestFromBytes(row.digest), parents: row.parents }))
}

/** Removes artifacts and their tags; returns the names of the tags by digest. */
export async function unlinkManifests(
  tx: Tx,
  repositoryId: number,
  digests: readonly Digest[],
): Promise<ReadonlyMap<Digest, readonly string[]>> {
  const values = [repositoryId, digests.map(digestToBytes)]
  const { rows } = await tx.query<{ name: string; digest: Buffer }>(
    'delete from tag where repository_id = $1 and digest = any($2) returning name, digest',
    values,
  )
  await tx.query('delete from repository_manifest where repository_id = $1 and digest = any($2)', values)
  const tags = new Map<Digest, string[]>(digests.map((digest) => [digest, []]))
  for (const row of rows) tags.get(digestFromBytes(row.digest))?.push(row.name)
  return tags
}

/** All artifacts of a repository that is locked; there need not be any. */
export async function allDigests(tx: Tx, repositoryId: number): Promise<Digest[]> {
  const { rows } = await tx.query<{ digest: Buffer }>(
    'select digest from repository_manifest where repository_id = $1 order by digest for update',
    [repositoryId],
  )
  return rows.map((row) => digestFromBytes(row.digest))
}

/** What the tag pointed at; undefined where there was none, or where it pointed at another artifact than `only`. */
export async function deleteTag(
  tx: Tx,
  repositoryId: number,
  tag: string,
  only: Digest | undefined,
): Promise<Digest | undefined> {
  const { rows } = await tx.query<{ digest: Buffer }>(
    `delete from tag where repository_id = $1 and name = $2 and ($3::bytea is null or digest = $3) returning digest`,
    [repositoryId, tag, only ? digestToBytes(only) : null],
  )
  return rows[0] && digestFromBytes(rows[0].digest)
}
