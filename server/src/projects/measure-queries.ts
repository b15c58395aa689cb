import type { Db } from '../metadata/index.ts'

/** Numbers of one project as they were last folded: a few seconds old. */
export interface ProjectMeasure {
  readonly name: string
  readonly public: boolean
  readonly repositories: number
  readonly bytes: number
}

/** The oldest projects, at most `limit`. */
export async function measureProjects(db: Db, limit: number): Promise<ProjectMeasure[]> {
  const { rows } = await db.query<ProjectMeasure>({
    name: 'projects-measure',
    text: `select p.name, p.public, coalesce(c.repositories, 0)::bigint as repositories, coalesce(u.bytes, 0)::bigint as bytes
           from (select id, name, public from project where deleted_at is null order by id limit $1) p
             left join project_count c on c.project_id = p.id left join project_usage u on u.project_id = p.id`,
    values: [limit],
  })
  return rows
}

/** How many there are, as last folded. */
export async function projectTotals(db: Db): Promise<{ readonly open: number; readonly closed: number }> {
  const { rows } = await db.query<{ open: number; present: number }>({
    name: 'projects-total',
    text: `select coalesce(sum(open), 0)::bigint as open, coalesce(sum(present), 0)::bigint as present from
             counted_projects`,
  })
  const { open = 0, present = 0 } = rows[0] ?? {}
  return { open, closed: present - open }
}
