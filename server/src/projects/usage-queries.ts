import type { Db } from '../metadata/index.ts'

/** Bytes that projects use, by project id: each blob once per project, and the manifests. */
export async function usedStorage(db: Db, projectIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const { rows } = await db.query<{ id: number; bytes: number }>(
    `select id, sum(size)::bigint as bytes from (
       select r.project_id as id, b.digest, b.size from repository r
         join repository_blob l on l.repository_id = r.id join blob b on b.digest = l.digest
         where r.project_id = any($1)
       union
       select r.project_id, m.digest, m.size from repository r
         join repository_manifest m on m.repository_id = r.id
         where r.project_id = any($1)) content
     group by id`,
    [projectIds],
  )
  return new Map(rows.map(({ id, bytes }) => [id, bytes]))
}
