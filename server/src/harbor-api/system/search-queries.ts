import type { Db } from '../../metadata/index.ts'
import { type Viewer, visible } from '../../projects/index.ts'

export interface FoundRepository {
  readonly projectId: number
  readonly project: string
  readonly public: boolean
  /** Without the project. */
  readonly name: string
  readonly artifacts: number
  readonly pulls: number
}

/**
 * The newest `limit` repositories whose full name holds `text`, in projects that the viewer sees and may pull from. They
 * are cut before what they hold is counted: artifacts that have a tag, or that no other artifact holds.
 */
export async function searchRepositories(
  db: Db,
  viewer: Viewer,
  text: string,
  limit: number,
): Promise<FoundRepository[]> {
  const values: unknown[] = [`%${text.replaceAll(/[\\%_]/g, '\\$&')}%`, limit]
  const seen = visible(viewer, values)
  const allowed =
    viewer.kind === 'robot' ? `may_pull(p.id, p.public, null, $${values.push(viewer.id)}::bigint)` : 'true'
  const { rows } = await db.query<FoundRepository>(
    `select found.*,
       (select coalesce(sum(plain), 0)::bigint from counted_artifacts where repository_id = found.id)
        + (select count(*) from repository_manifest m where m.repository_id = found.id and m.accessory_type is null
          and m.parents > 0
          and exists (select from tag t where t.digest = m.digest and t.repository_id = found.id)) as artifacts,
       coalesce((select count from repository_pull where repository_id = found.id), 0) as pulls
     from (select r.id, r.created_at, p.id as "projectId", p.name as project, p.public, r.name
       from repository r join project p on p.id = r.project_id
       where p.deleted_at is null and p.name || '/' || r.name ilike $1 and ${seen} and ${allowed}
         and exists (select from repository_manifest where repository_id = r.id)
       order by r.created_at desc, r.id desc limit $2) found
     order by found.created_at desc, found.id desc`,
    values,
  )
  return rows
}
