import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import { from as copyFrom } from 'pg-copy-streams'
import type { Tx } from '../metadata/index.ts'

/** An artifact that a snapshot names and that cannot be pulled whole. */
export interface LostArtifact {
  /** `repository@digest`. */
  readonly name: string
  readonly tags: readonly string[]
  /** Digests that are not in the store; its own: the artifact is gone with its tags. */
  readonly missing: readonly string[]
}

/** Keeps what the store holds until the transaction ends: lines of COPY's text format, digest and size. */
export async function copyStored(tx: Tx, lines: AsyncIterable<string>): Promise<void> {
  await tx.query('create temporary table stored (digest bytea, size bigint) on commit drop')
  await pipeline(Readable.from(lines), tx.query(copyFrom('copy stored from stdin')))
  await tx.query('create index on stored (digest)')
  await tx.query('analyze stored')
}

/** Blobs that there are rows of, and whose bytes are not there, or not all. */
export async function findMissing(tx: Tx): Promise<Digest[]> {
  const { rows } = await tx.query<{ digest: Buffer }>(
    `select digest from blob b where not exists (select from stored s where s.digest = b.digest and s.size = b.size)
     order by digest`,
  )
  return rows.map(({ digest }) => digestFromBytes(digest))
}

/** The artifacts that these digests belong to, or are. */
export async function artifactsNeeding(tx: Tx, digests: readonly Digest[]): Promise<LostArtifact[]> {
  const { rows } = await tx.query<LostArtifact>(
    `with lost (manifest, digest) as (
       select manifest, blob from manifest_blob where blob = any($1)
       union select digest, digest from manifest where digest = any($1)),
     text (manifest, missing) as (
       select manifest, array_agg(case length(digest) when 32 then 'sha256:' else 'sha512:' end || encode(digest, 'hex')
         order by digest) from lost group by manifest)
     select p.name || '/' || r.name || '@' || case length(m.digest) when 32 then 'sha256:' else 'sha512:' end
              || encode(m.digest, 'hex') as name,
            array(select t.name from tag t where t.repository_id = m.repository_id and t.digest = m.digest order by 1) as tags,
            text.missing
     from text join repository_manifest m on m.digest = text.manifest
       join repository r on r.id = m.repository_id join project p on p.id = r.project_id
     order by 1`,
    [digests.map(digestToBytes)],
  )
  return rows
}

const unknown = `from stored s where not exists (select from blob b where b.digest = s.digest)
  and not exists (select from manifest m where m.digest = s.digest)`

export async function sumUnknown(tx: Tx): Promise<{ readonly count: number; readonly bytes: number }> {
  const { rows } = await tx.query<{ count: number; bytes: number }>(
    `select count(*) as count, coalesce(sum(size), 0)::bigint as bytes ${unknown}`,
  )
  return rows[0] ?? { count: 0, bytes: 0 }
}

/** Blobs in the store that no row knows, of at most `largest` bytes. */
export async function findUnknown(
  tx: Tx,
  largest: number,
  limit: number,
): Promise<{ readonly digest: Buffer; readonly size: number }[]> {
  const { rows } = await tx.query<{ digest: Buffer; size: number }>(
    `select digest, size ${unknown} and size between 2 and $1 order by digest limit $2`,
    [largest, limit],
  )
  return rows
}
