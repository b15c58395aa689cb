import type { Db } from '../metadata/index.ts'

/** Numbers of one project as they were last folded: a few seconds old. */
export interface ProjectMeasure {
  readonly name: string
  readonly public: boolean
  readonly repositories: number
  readonly bytes: number
  /** Accounts that are members themselves, counted up to a thousand. */
  readonly members: number
  /** With accessories and the children of indexes; null where the projects before have too many repositories. */
  readonly artifacts: number | null
  readonly pulls: number | null
}

/** Artifacts and pulls are kept for each repository; of so many they are summed. */
const mostRepositories = 50_000

/** The oldest projects, at most `limit`. */
export async function measureProjects(db: Db, limit: number): Promise<ProjectMeasure[]> {
  const { rows } = await db.query<ProjectMeasure>({
    name: 'projects-measure',
    // Sums by the ids of a project's repositories: a join would read the counts of all repositories there are.
    text: `with first as materialized (
             select p.id, p.name, p.public, coalesce(c.repositories, 0)::bigint as repositories,
               sum(coalesce(c.repositories, 0)) over (order by p.id) <= $2 as summed
             from (select id, name, public from project where deleted_at is null order by id limit $1) p
               left join project_count c on c.project_id = p.id)
           select p.name, p.public, p.repositories, coalesce(u.bytes, 0)::bigint as bytes,
             (select count(*) from (
               select from member where project_id = p.id and user_id is not null limit 1000) counted) as members,
             case when p.summed then (select coalesce(sum(present), 0)::bigint from repository_count
               where repository_id = any(r.ids)) end as artifacts,
             case when p.summed then (select coalesce(sum(count), 0)::bigint from repository_pull
               where repository_id = any(r.ids)) end as pulls
           from first p left join project_usage u on u.project_id = p.id
             left join lateral (
               select array(select id from repository where project_id = p.id) as ids offset 0) r on p.summed`,
    values: [limit, mostRepositories],
  })
  return rows
}

/** Numbers of the whole registry, as last folded. */
export interface Totals {
  /** Projects: public ones, and the others. */
  readonly open: number
  readonly closed: number
  /** Repositories with artifacts, of public projects and of others. */
  readonly openRepositories: number
  readonly closedRepositories: number
  /** What projects use, added up: a blob counts once in each project that has it. */
  readonly bytes: number
}

/** Reads at most some rows for each project. */
export async function projectTotals(db: Db): Promise<Totals> {
  const { rows } = await db.query<Totals>({
    name: 'projects-total',
    text: `with held as (
             select coalesce(sum(c.repositories) filter (where p.public), 0)::bigint as open,
               coalesce(sum(c.repositories) filter (where not p.public), 0)::bigint as closed
             from project_count c join project p on p.id = c.project_id and p.deleted_at is null)
           select coalesce(sum(k.open), 0)::bigint as open, coalesce(sum(k.present - k.open), 0)::bigint as closed,
             (select open from held) as "openRepositories", (select closed from held) as "closedRepositories",
             (select coalesce(sum(bytes), 0)::bigint from project_usage) as bytes
           from counted_projects k`,
  })
  return rows[0] ?? { open: 0, closed: 0, openRepositories: 0, closedRepositories: 0, bytes: 0 }
}
