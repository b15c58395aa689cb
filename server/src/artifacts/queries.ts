import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import type { Db } from '../metadata/index.ts'

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

/**
 * Tags after `last` in byte order, `limit` at most. `shown`: fingerprints of keys; without their signature, what is under
 * a signature's tag is left out.
 */
export async function listTags(
  db: Db,
  repositoryId: number,
  last: string,
  limit: number,
  shown: readonly string[] | undefined,
): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>({
    name: 'artifact-tags',
    text: `select name from tag where repository_id = $1 and name > $2
             and ($4::text[] is null or name !~ '^sha256-[0-9a-f]{64}[.]sig$' or not is_foreign(digest, $4))
           order by name limit $3`,
    values: [repositoryId, last, limit, shown ?? null],
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

interface Referring {
  readonly repositoryId: number
  readonly subject: Digest
  readonly artifactType: string | undefined
  /** Fingerprints of keys; evidence that none of them made is left out. Undefined: nothing is. */
  readonly shown: readonly string[] | undefined
}

/** What refers to `subject` in the repository, after `last` by digest, with an artifact type if one is asked for. */
export async function findReferrers(
  db: Db,
  by: Referring & { readonly last: Digest | undefined },
  limit: number,
): Promise<ReferrerRow[]> {
  const { rows } = await db.query<Omit<ReferrerRow, 'digest'> & { digest: Buffer }>({
    name: 'artifact-referrers',
    text: `select m.digest, media_type as "mediaType", artifact_type as "artifactType", size, annotations
           from referrer r join manifest m on m.digest = r.digest
           where r.repository_id = $1 and r.subject = $2 and ($3::text is null or m.artifact_type = $3)
             and ($4::bytea is null or r.digest > $4) and not is_foreign(r.digest, $6)
           order by r.digest limit $5`,
    values: [
      by.repositoryId,
      digestToBytes(by.subject),
      by.artifactType ?? null,
      by.last ? digestToBytes(by.last) : null,
      limit,
      by.shown ?? null,
    ],
  })
  return rows.map((row) => ({ ...row, digest: digestFromBytes(row.digest) }))
}

export async function countReferrers(db: Db, by: Referring): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*) from referrer r join manifest m on m.digest = r.digest
     where r.repository_id = $1 and r.subject = $2 and ($3::text is null or m.artifact_type = $3)
       and not is_foreign(r.digest, $4)`,
    [by.repositoryId, digestToBytes(by.subject), by.artifactType ?? null, by.shown ?? null],
  )
  return rows[0]?.count ?? 0
}

/** Repositories that hold artifacts and that the caller may pull from, by full name after `last`. */
export async function listRepositories(
  db: Db,
  who: { readonly kind: 'user' | 'robot'; readonly id: number },
  last: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select (p.name || '/' || r.name) collate "C" as name
     from repository r join project p on p.id = r.project_id and p.deleted_at is null
     where (p.name || '/' || r.name) collate "C" > $3
       and exists (select from repository_manifest where repository_id = r.id)
       and (may_pull(p.id, p.public, $1, $2) or exists (select from robot_grant
         where robot_id = $2 and project_id = -1 and resource = 'catalog' and action = 'read'))
     order by 1 limit $4`,
    [who.kind === 'user' ? who.id : null, who.kind === 'robot' ? who.id : null, last, limit],
  )
  return rows.map((row) => row.name)
}
