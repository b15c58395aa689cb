import { type Digest, digestFromBytes, digestToBytes, effectiveArtifactType, type Manifest } from '@breakwater/oci'
import { reviveLinks } from '../blobs/index.ts'
import type { Tx } from '../metadata/index.ts'
import type { NewArtifact } from './content.ts'
import { type Belonging, kindOf } from './kind.ts'

/** Keeps the links from being removed until the transaction ends, revives doomed ones, and returns a digest that has none. */
export async function lockBlobLinks(
  tx: Tx,
  repositoryId: number,
  digests: readonly Digest[],
): Promise<Digest | undefined> {
  const { rows } = await tx.query<{ digest: Buffer; doomed: boolean }>({
    name: 'artifact-lock-blobs',
    text: `select digest, doomed_at is not null as doomed from repository_blob where repository_id = $1 and digest = any($2)
           order by digest for key share`,
    values: [repositoryId, digests.map(digestToBytes)],
  })
  const doomed = rows.filter((row) => row.doomed).map((row) => digestFromBytes(row.digest))
  if (doomed.length > 0) await reviveLinks(tx, repositoryId, doomed)
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

/** Keeps a manifest that is known until the transaction ends; undefined where it is gone. */
export async function keepManifest(
  tx: Tx,
  digest: Digest,
): Promise<{ readonly bytes: Buffer; readonly mediaType: string } | undefined> {
  const { rows } = await tx.query<{ bytes: Buffer; mediaType: string }>({
    name: 'artifact-kept-manifest',
    text: 'select bytes, media_type as "mediaType" from manifest where digest = $1 for key share',
    values: [digestToBytes(digest)],
  })
  return rows[0]
}

/** Stores the content of a manifest once for all repositories, and keeps it; returns whether it was new. */
export async function insertManifest(tx: Tx, artifact: NewArtifact, blobs: readonly Digest[]): Promise<boolean> {
  // What was known may be collected before it is locked. It is then new, unless another pushed it once more meanwhile.
  for (;;) {
    if (await insertNewManifest(tx, artifact, blobs)) return true
    const { rowCount } = await tx.query({
      name: 'artifact-keep-manifest',
      text: 'select from manifest where digest = $1 for key share',
      values: [digestToBytes(artifact.digest)],
    })
    if (rowCount === 1) return false
  }
}

async function insertNewManifest(
  tx: Tx,
  { digest, bytes, manifest, attributes }: NewArtifact,
  blobs: readonly Digest[],
): Promise<boolean> {
  const key = digestToBytes(digest)
  const { rowCount } = await tx.query({
    name: 'artifact-insert-manifest',
    text: `insert into manifest (digest, media_type, artifact_type, config_digest, subject, annotations, size, bytes,
             kind, config_type, extra_attrs, total_size)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing`,
    values: [
      key,
      manifest.mediaType,
      effectiveArtifactType(manifest) ?? null,
      manifest.kind === 'image' ? digestToBytes(manifest.config.digest) : null,
      manifest.subject ? digestToBytes(manifest.subject.digest) : null,
      manifest.annotations ? JSON.stringify(manifest.annotations) : null,
      bytes.length,
      bytes,
      kindOf(manifest),
      manifest.kind === 'image' ? manifest.config.mediaType : null,
      attributes ? JSON.stringify(attributes) : null,
      bytes.length + contentSize(manifest),
    ],
  })
  if (rowCount !== 1) return false
  await insertReferences(tx, key, manifest, blobs)
  return true
}

/** Bytes of config and layers; those of an index's children are added when these are known. */
function contentSize(manifest: Manifest): number {
  if (manifest.kind === 'index') return 0
  return [manifest.config, ...manifest.layers].reduce((sum, { size }) => sum + size, 0)
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
    text: `insert into manifest_reference (parent, position, child, platform, annotations)
           select $1, position - 1, child, platform, annotations
           from unnest($2::bytea[], $3::jsonb[], $4::jsonb[])
             with ordinality as row (child, platform, annotations, position)`,
    values: [
      key,
      manifests.map((child) => digestToBytes(child.digest)),
      manifests.map((child) => (child.platform ? JSON.stringify(child.platform) : null)),
      manifests.map((child) => (child.annotations ? JSON.stringify(child.annotations) : null)),
    ],
  })
  await tx.query({
    name: 'artifact-index-size',
    text: `update manifest set total_size = size + (select coalesce(sum(total_size), 0) from manifest
             where digest in (select child from manifest_reference where parent = $1))
           where digest = $1`,
    values: [key],
  })
}

/**
 * Returns whether it is new here. The update of what is there already locks the row, so that a deletion waits for this
 * transaction.
 */
export async function linkManifest(
  tx: Tx,
  { repositoryId, digest, manifest, bytes }: Pick<NewArtifact, 'repositoryId' | 'digest' | 'manifest' | 'bytes'>,
  pushedBy: string,
): Promise<boolean> {
  const { rows } = await tx.query<{ fresh: boolean }>({
    name: 'artifact-link',
    text: `insert into repository_manifest (repository_id, digest, media_type, size, pushed_by) values ($1, $2, $3, $4, $5)
           on conflict (repository_id, digest) do update set pushed_at = repository_manifest.pushed_at
           returning xmax = 0 as fresh`,
    values: [repositoryId, digestToBytes(digest), manifest.mediaType, bytes.length, pushedBy],
  })
  return rows[0]?.fresh === true
}

/**
 * Counts the indexes among `parents` into the `parents` of what they list, or out of it. They must have come to the
 * repository in this transaction, or leave it.
 */
export async function countParents(
  tx: Tx,
  repositoryId: number,
  parents: readonly Digest[],
  change: 1 | -1,
): Promise<void> {
  await tx.query({
    name: 'artifact-parents',
    // Two pushes may list the same: both lock in one order.
    text: `with listed as (select child, count(distinct parent) as times from manifest_reference
               where parent = any($2) group by child),
             locked as (select digest from repository_manifest
               where repository_id = $1 and digest in (select child from listed) order by digest for no key update)
           update repository_manifest m set parents = m.parents + $3 * listed.times
           from locked join listed on listed.child = locked.digest
           where m.repository_id = $1 and m.digest = locked.digest`,
    values: [repositoryId, parents.map(digestToBytes), change],
  })
}

/** Makes the artifact an accessory of `subject`. */
export async function putAccessory(
  tx: Tx,
  repositoryId: number,
  digest: Digest,
  { subject, type }: Belonging,
): Promise<void> {
  await tx.query({
    name: 'artifact-accessory',
    text: `with linked as (insert into referrer (repository_id, subject, digest) values ($1, $2, $3)
             on conflict do nothing)
           update repository_manifest set accessory_type = $4
           where repository_id = $1 and digest = $3 and accessory_type is distinct from $4
             and coalesce(accessory_type, 'subject.accessory') = 'subject.accessory'`,
    values: [repositoryId, digestToBytes(subject), digestToBytes(digest), type],
  })
}

/** Points the tag at the digest; returns what it pointed at before. */
export async function putTag(tx: Tx, repositoryId: number, tag: string, digest: Digest): Promise<Digest | undefined> {
  const { rows } = await tx.query<{ before: Buffer | null }>({
    name: 'artifact-tag',
    // The insert reads "before", so that the row is read and locked before it changes.
    text: `with before as materialized (select digest from tag where repository_id = $1 and name = $2 for update),
             put as (insert into tag (repository_id, name, digest) select $1, $2, $3 from (select count(*) from before) first
               on conflict (repository_id, name) do update set digest = excluded.digest,
                 updated_at = case when tag.digest = excluded.digest then tag.updated_at else now() end returning 1)
           select (select digest from before) as before from put`,
    values: [repositoryId, tag, digestToBytes(digest)],
  })
  const before = rows[0]?.before
  return before ? digestFromBytes(before) : undefined
}

/** Points the tag at the digest where there is none of the name. */
export async function putMissingTag(tx: Tx, repositoryId: number, tag: string, digest: Digest): Promise<void> {
  await tx.query({
    name: 'artifact-missing-tag',
    text: 'insert into tag (repository_id, name, digest) values ($1, $2, $3) on conflict do nothing',
    values: [repositoryId, tag, digestToBytes(digest)],
  })
}
