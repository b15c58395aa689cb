import type { Db } from '../metadata/index.ts'
import type { Windows } from './stages.ts'

export interface Forecast {
  /** That would be deleted from the store. */
  readonly blobs: number
  readonly bytes: number
  /** Manifests among them. */
  readonly manifests: number
}

/**
 * What would go if no push came and every grace period were over: what has been named by nothing for the undo window.
 * Bytes that are on their way in are not counted.
 */
export async function forecast(db: Db, { undo, grace }: Windows): Promise<Forecast> {
  const { rows } = await db.query<Forecast>(
    `with due as (
       select kind, repository_id, digest from review
       where kind in ('link', 'manifest') group by 1, 2, 3 having max(queued_at) < now() - $1 * interval '1 ms'),
     link as (
       select l.repository_id, l.digest from repository_blob l
       where (l.doomed_at is not null or l.linked_at <= now() - $1 * interval '1 ms' and exists (select from due
           where kind = 'link' and due.digest = l.digest and due.repository_id = l.repository_id))
         and not exists (select from manifest_blob b join repository_manifest m on m.digest = b.manifest
           and m.repository_id = l.repository_id where b.blob = l.digest)),
     forgotten as (
       select m.digest from due join manifest m on m.digest = due.digest where due.kind = 'manifest'
         and not exists (select from repository_manifest r where r.digest = m.digest)),
     going as (
       select b.digest, b.size from blob b
       where (b.state <> 'live' or b.digest in (select digest from link union all select digest from forgotten
           union all select digest from review where kind = 'blob'))
         and not (b.state = 'doomed' and b.created_at > now() - $2 * interval '1 ms')
         and not exists (select from repository_blob l where l.digest = b.digest
           and not exists (select from link where link.repository_id = l.repository_id and link.digest = l.digest))
         and not exists (select from manifest m where m.digest = b.digest
           and not exists (select from forgotten where forgotten.digest = m.digest)))
     select count(*) as blobs, coalesce(sum(size), 0)::bigint as bytes,
       count(*) filter (where digest in (select digest from forgotten)) as manifests
     from going`,
    [undo, grace],
  )
  return rows[0] ?? { blobs: 0, bytes: 0, manifests: 0 }
}

export interface UntaggedArtifact {
  readonly projectId: number
  readonly repositoryId: number
  readonly repository: string
  readonly digest: Buffer
}

const untagged = `from repository_manifest a join repository r on r.id = a.repository_id
    join project p on p.id = r.project_id and p.deleted_at is null
  where a.parents = 0 and a.accessory_type is null and a.pushed_at < now() - $1 * interval '1 ms'
    and not exists (select from tag t where t.repository_id = a.repository_id and t.digest = a.digest)`

/** Artifacts that no tag and no index names and that belong to no other, pushed more than `ageMs` ago, after `last`. */
export async function listUntagged(db: Db, ageMs: number, last: number, limit: number) {
  const { rows } = await db.query<UntaggedArtifact & { id: number }>(
    `select a.artifact_id as id, p.id as "projectId", r.id as "repositoryId", p.name || '/' || r.name as repository, a.digest
     ${untagged} and a.artifact_id > $2 order by a.artifact_id limit $3`,
    [ageMs, last, limit],
  )
  return rows
}

export async function countUntagged(db: Db, ageMs: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(`select count(*) ${untagged}`, [ageMs])
  return rows[0]?.count ?? 0
}

/** How much waits, by what it waits for. */
export interface Waiting {
  /** For the undo window. */
  readonly reviews: number
  readonly doomed: number
  readonly doomedBytes: number
  readonly deleting: number
  /** What waits longest, in milliseconds; null where nothing does. */
  readonly oldestMs: number | null
}

export async function waiting(db: Db): Promise<Waiting> {
  const { rows } = await db.query<Waiting>(
    `select (select count(*) from review) as reviews,
       (select count(*) from blob where state = 'doomed') as doomed,
       (select coalesce(sum(size), 0)::bigint from blob where state = 'doomed') as "doomedBytes",
       (select count(*) from blob where state = 'deleting') as deleting,
       (select extract(epoch from now() - min(queued_at)) * 1000 from review)::bigint as "oldestMs"`,
  )
  return rows[0] ?? { reviews: 0, doomed: 0, doomedBytes: 0, deleting: 0, oldestMs: null }
}
