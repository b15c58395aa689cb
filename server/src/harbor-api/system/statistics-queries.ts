import type { Db } from '../../metadata/index.ts'
import { type Viewer, visible } from '../../projects/index.ts'

export interface Counts {
  readonly publicProjects: number
  readonly privateProjects: number
  readonly publicRepositories: number
  readonly privateRepositories: number
}

/** Of projects that the viewer sees, and of their repositories that hold an artifact. */
export async function countVisible(db: Db, viewer: Viewer): Promise<Counts> {
  const values: unknown[] = []
  const { rows } = await db.query<Counts>(
    `with seen as materialized (
       select p.id, p.public from project p where p.deleted_at is null and ${visible(viewer, values)}),
     held as (
       select s.public, c.repositories from seen s join counted_repositories c on c.project_id = s.id)
     select (select count(*) from seen where public) as "publicProjects",
       (select count(*) from seen where not public) as "privateProjects",
       (select coalesce(sum(repositories) filter (where public), 0)::bigint from held) as "publicRepositories",
       (select coalesce(sum(repositories) filter (where not public), 0)::bigint from held) as "privateRepositories"`,
    values,
  )
  return rows[0] as Counts
}

/** Bytes of everything that is stored, each blob and manifest once. */
export async function storedBytes(db: Db): Promise<number> {
  const { rows } = await db.query<{ bytes: number }>(`select coalesce(sum(size), 0)::bigint as bytes from blob`)
  return rows[0]?.bytes ?? 0
}
