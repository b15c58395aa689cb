import { type Digest, digestFromBytes } from '@breakwater/oci'
import type { Db } from '../metadata/index.ts'

/** An artifact that was pulled, with all its pulls of the time that was asked about. */
export interface PulledArtifact {
  /** Without the project. */
  readonly repository: string
  readonly digest: Digest
  readonly tags: readonly string[]
  readonly pulls: number
  readonly lastAt: Date
  /** As the ledger names them, 20 at most. */
  readonly by: readonly string[]
}

/** What was pulled from a project in the last `days`, what was pulled last first. */
export async function findPulled(db: Db, projectId: number, days: number, limit: number): Promise<PulledArtifact[]> {
  const { rows } = await db.query<Omit<PulledArtifact, 'digest'> & { digest: Buffer }>(
    `select r.name as repository, l.digest, count(*) as pulls, max(l.at) as "lastAt",
       coalesce((array_agg(distinct l.tag) filter (where l.tag is not null))[1:20], '{}') as tags,
       (array_agg(distinct l.actor))[1:20] as by
     from pull l join repository r on r.id = l.repository_id
     where r.project_id = $1 and l.at > now() - $2 * interval '1 day'
       and exists (select from repository_manifest where repository_id = r.id and digest = l.digest)
     group by r.name, l.digest order by max(l.at) desc limit $3`,
    [projectId, days, limit],
  )
  return rows.map((row) => ({ ...row, digest: digestFromBytes(row.digest) }))
}
