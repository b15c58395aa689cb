import { type Digest, digestFromBytes, digestToBytes, type Manifest } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'
import type { NewArtifact } from './content.ts'

/** Keeps the links from being removed until the transaction ends; returns a digest that has none. */
export async function lockBlobLinks(
  tx: Tx,
  repositoryId: number,
  digests: readonly Digest[],
): Promise<Digest | undefined> {
  const { rows } = await tx.query<{ digest: Buffer }>({
    name: 'artifact-lock-blobs',
    text: `select digest from repository_blob where repository_id = $1 and digest = any($2)
           order by digest for key share`,
    values: [repositoryId, digests.map(digestToBytes)],
  })
  return firstMissing(digests, rows)
}

/** The same for manifests of the repository. */
export async function lockChildren(
  tx: Tx,
  repositoryId: number,
  digests: readonly Digest[],
): Promise<Digest | undefined> {
  if (digests.length === 0) return undefined
  const { rows } = await tx.query<{ digest: Buffer }>({
    name: 'artifact-lock-children',
    text: `select digest from repository_manifest where repository_id = $1 and digest = any($2)
           order by digest for key share`,
    values: [repositoryId, digests.map(digestToBytes)],
  })
  return firstMissing(digests, rows)
}

function firstMissing(wanted: readonly Digest[], rows: readonly { digest: Buffer }[]): Digest | undefined {
  const found = new Set(rows.map((row) => digestFromBytes(row.digest)))
  return wanted.find((digest) => !found.has(digest))
}

/** Stores the content of a manifest once for all repositories; returns whether it was new. */
export async function insertManifest(
  tx: Tx,
  { digest, bytes, manifest }: NewArtifact,
  artifactType: string | undefined,
  blobs: readonly Digest[],
): Promise<boolean> {
  const key = digestToBytes(digest)
  const { rowCount } = await tx.query({
    name: 'artifact-insert-manifest',
    text: `insert into manifest (digest, media_type, artifact_type, config_digest, subject, annotations, size, bytes)
           values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
    values: [
      key,
      manifest.mediaType,
      artifactType ?? null,
      manifest.kind === 'image' ? digestToBytes(manifest.config.digest) : null,
      manifest.subject ? digestToBytes(manifest.subject.digest) : null,
      manifest.annotations ? JSON.stringify(manifest.annotations) : null,
      bytes.length,
      bytes,
    ],
  })
  if (rowCount !== 1) return false
  await insertReferences(tx, key, manifest, blobs)
  return true
}

async function insertReferences(tx: Tx, key: Buffer, manifest: Manifest, blobs: readonly Digest[]): Promise<void> {
  if (manifest.kind === 'image') {
    await tx.query({
      name: 'artifact-insert-blobs',
      text: 'insert into manifest_blob (manifest, blob) select $1, unnest($2::bytea[])',
      values: [key, blobs.map(digestToBytes)],
    })
    return
  }
  const { manifests } = manifest
  await tx.query({
    name: 'artifact-insert-children',
    text: `insert into manifest_reference (parent, position, child, platform)
           select $1, position - 1, child, platform
           from unnest($2::bytea[], $3::jsonb[]) with ordinality as row (child, platform, position)`,
    values: [
      key,
      manifests.map((child) => digestToBytes(child.digest)),
      manifests.map((child) => (child.platform ? JSON.stringify(child.platform) : null)),
    ],
  })
}

/** The update of what is there already locks the row, so that a deletion waits for this transaction. */
export async function linkManifest(
  tx: Tx,
  { repositoryId, digest, manifest, bytes }: NewArtifact,
  pushedBy: string,
): Promise<void> {
  await tx.query({
    name: 'artifact-link',
    text: `insert into repository_manifest (repository_id, digest, media_type, size, pushed_by) values ($1, $2, $3, $4, $5)
           on conflict (repository_id, digest) do update set pushed_at = repository_manifest.pushed_at`,
    values: [repositoryId, digestToBytes(digest), manifest.mediaType, bytes.length, pushedBy],
  })
}

export async function putReferrer(tx: Tx, repositoryId: number, subject: Digest, digest: Digest): Promise<void> {
  await tx.query({
    name: 'artifact-referrer',
    text: 'insert into referrer (repository_id, subject, digest) values ($1, $2, $3) on conflict do nothing',
    values: [repositoryId, digestToBytes(subject), digestToBytes(digest)],
  })
}

/** Points the tag at the digest; returns what it pointed at before. */
export async function putTag(tx: Tx, repositoryId: number, tag: string, digest: Digest): Promise<Digest | undefined> {
  const { rows } = await tx.query<{ before: Buffer | null }>({
    name: 'artifact-tag',
    // The insert reads "before", so that the row is read and locked before it changes.
    text: `with before as materialized (select digest from tag where repository_id = $1 and name = $2 for update),
             put as (insert into tag (repository_id, name, digest) select $1, $2, $3 from (select count(*) from before) first
               on conflict (repository_id, name) do update set digest = excluded.digest, updated_at = now() returning 1)
           select (select digest from before) as before from put`,
    values: [repositoryId, tag, digestToBytes(digest)],
  })
  const before = rows[0]?.before
  return before ? digestFromBytes(before) : undefined
}

export async function lockArtifact(tx: Tx, repositoryId: number, digest: Digest): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select from repository_manifest where repository_id = $1 and digest = $2 for update',
    [repositoryId, digestToBytes(digest)],
  )
  return rowCount === 1
}

/** Whether an index of this repository lists the manifest. */
export async function hasParent(tx: Tx, repositoryId: number, digest: Digest): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from manifest_reference r join repository_manifest m on m.digest = r.parent and m.repository_id = $1
     where r.child = $2 limit 1`,
    [repositoryId, digestToBytes(digest)],
  )
  return rowCount === 1
}

/** Removes the artifact and its tags; returns the tags. */
export async function unlinkManifest(tx: Tx, repositoryId: number, digest: Digest): Promise<string[]> {
  const values = [repositoryId, digestToBytes(digest)]
  const tags = await tx.query<{ name: string }>(
    'delete from tag where repository_id = $1 and digest = $2 returning name',
    values,
  )
  await tx.query('delete from repository_manifest where repository_id = $1 and digest = $2', values)
  return tags.rows.map((row) => row.name)
}

/** What the tag pointed at; undefined where there was none. */
export async function deleteTag(tx: Tx, repositoryId: number, tag: string): Promise<Digest | undefined> {
  const { rows } = await tx.query<{ digest: Buffer }>(
    'delete from tag where repository_id = $1 and name = $2 returning digest',
    [repositoryId, tag],
  )
  return rows[0] && digestFromBytes(rows[0].digest)
}

/** Whether a manifest of this repository needs the blob. */
export async function blobIsReferenced(db: Db, repositoryId: number, digest: Digest): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from manifest_blob b join repository_manifest m on m.digest = b.manifest and m.repository_id = $1
     where b.blob = $2 limit 1`,
    [repositoryId, digestToBytes(digest)],
  )
  return rowCount === 1
}

export async function manifestBytes(db: Db, digest: Digest): Promise<Buffer | undefined> {
  const { rows } = await db.query<{ bytes: Buffer }>({
    name: 'artifact-bytes',
    text: 'select bytes from manifest where digest = $1',
    values: [digestToBytes(digest)],
  })
  return rows[0]?.bytes
}

/** Tags after `last` in byte order, `limit` at most. */
export async function listTags(db: Db, repositoryId: number, last: string, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>({
    name: 'artifact-tags',
    text: 'select name from tag where repository_id = $1 and name > $2 order by name limit $3',
    values: [repositoryId, last, limit],
  })
  return rows.map((row) => row.name)
}

export interface ReferrerRow {
  readonly digest: Digest
  readonly mediaType: string
  readonly artifactType: string | null
  readonly size: number
  readonly annotations: Readonly<Record<string, string>> | null
}

/** What refers to `subject` in the repository, after `last` by digest, with an artifact type if one is asked for. */
export async function findReferrers(
  db: Db,
  by: { repositoryId: number; subject: Digest; artifactType: string | undefined; last: Digest | undefined },
  limit: number,
): Promise<ReferrerRow[]> {
  const { rows } = await db.query<Omit<ReferrerRow, 'digest'> & { digest: Buffer }>({
    name: 'artifact-referrers',
    text: `select m.digest, media_type as "mediaType", artifact_type as "artifactType", size, annotations
           from referrer r join manifest m on m.digest = r.digest
           where r.repository_id = $1 and r.subject = $2 and ($3::text is null or m.artifact_type = $3)
             and ($4::bytea is null or r.digest > $4)
           order by r.digest limit $5`,
    values: [
      by.repositoryId,
      digestToBytes(by.subject),
      by.artifactType ?? null,
      by.last ? digestToBytes(by.last) : null,
      limit,
    ],
  })
  return rows.map((row) => ({ ...row, digest: digestFromBytes(row.digest) }))
}

export async function countReferrers(
  db: Db,
  repositoryId: number,
  subject: Digest,
  artifactType: string | undefined,
): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*) from referrer r join manifest m on m.digest = r.digest
     where r.repository_id = $1 and r.subject = $2 and ($3::text is null or m.artifact_type = $3)`,
    [repositoryId, digestToBytes(subject), artifactType ?? null],
  )
  return rows[0]?.count ?? 0
}

/** Repositories that hold artifacts and that the user may pull from, by full name after `last`. */
export async function listRepositories(db: Db, userId: number, last: string, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select (p.name || '/' || r.name) collate "C" as name
     from repository r join project p on p.id = r.project_id and p.deleted_at is null
     where (p.name || '/' || r.name) collate "C" > $2
       and exists (select from repository_manifest where repository_id = r.id)
       and (p.public or exists (select from user_account where id = $1 and system_admin and deleted_at is null)
         or exists (select from member where project_id = p.id and user_id = $1))
     order by 1 limit $3`,
    [userId, last, limit],
  )
  return rows.map((row) => row.name)
}
