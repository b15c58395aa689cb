import type { Db } from '../metadata/index.ts'

/** Bytes that projects use, by project id: each blob once per project, and the manifests. */
export async function usedStorage(db: Db, projectIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const { rows } = await db.query<{ id: number; bytes: number }>(
    `select project_id as id, sum(bytes)::bigint as bytes from counted_usage where project_id = any($1) group by 1`,
    [projectIds],
  )
  return new Map(rows.map(({ id, bytes }) => [id, bytes]))
}
