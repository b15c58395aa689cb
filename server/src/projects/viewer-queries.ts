import type { Db } from '../metadata/index.ts'

/** Who sees which projects in lists. */
export type Viewer =
  | { readonly kind: 'everything' }
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user' | 'robot'; readonly id: number }

/** A condition on `project p`: whether the viewer sees it. Adds to `values` what the condition refers to. */
export function visible(viewer: Viewer, values: unknown[]): string {
  if (viewer.kind === 'everything') return 'true'
  if (viewer.kind === 'anonymous') return 'p.public'
  const own = `p.public or p.id in ${ownProjects(viewer, values)}`
  return viewer.kind === 'user' ? `(${own})` : `(${own} or ${isEverywhere(values)})`
}

/** How many projects the viewer sees. */
export async function countVisible(db: Db, viewer: Viewer): Promise<number> {
  const values: unknown[] = []
  const { rows } = await db.query<{ total: number }>(`select ${visibleTotal(viewer, values)} as total`, values)
  return rows[0]?.total ?? 0
}

function visibleTotal(viewer: Viewer, values: unknown[]): string {
  const known = (column: 'present' | 'open') => `(select coalesce(sum(${column}), 0)::bigint from counted_projects)`
  if (viewer.kind === 'everything') return known('present')
  if (viewer.kind === 'anonymous') return known('open')
  const own = `(select count(*) from project p
    where p.deleted_at is null and not p.public and p.id in ${ownProjects(viewer, values)})`
  const seen = `${known('open')} + ${own}`
  return viewer.kind === 'user' ? seen : `case when ${isEverywhere(values)} then ${known('present')} else ${seen} end`
}

/** The ids of the projects where a user has a role, or a robot a permission. */
function ownProjects({ kind, id }: Extract<Viewer, { id: number }>, values: unknown[]): string {
  const who = `$${values.push(id)}`
  if (kind === 'robot') return `(select project_id from robot_grant where robot_id = ${who})`
  return `(select project_id from member where user_id = ${who}
    union select m.project_id from user_group_member ug join member m on m.group_id = ug.group_id
    where ug.user_id = ${who})`
}

/** Whether the robot whose id was pushed last has a permission in every project. */
function isEverywhere(values: readonly unknown[]): string {
  return `exists (select from robot_grant where robot_id = $${values.length} and project_id = 0)`
}

/** Repositories of one project, or those that somebody may see. */
export type RepositoryScope = { readonly projectId: number } | { readonly viewer: Viewer }

/** Repositories that hold an artifact. */
export async function countFilled(db: Db, scope: RepositoryScope): Promise<number> {
  const values: unknown[] = []
  const within = 'projectId' in scope ? `p.id = $${values.push(scope.projectId)}` : visible(scope.viewer, values)
  const { rows } = await db.query<{ count: number }>(
    `select coalesce(sum(c.repositories), 0)::bigint as count
     from counted_repositories c join project p on p.id = c.project_id and p.deleted_at is null where ${within}`,
    values,
  )
  return rows[0]?.count ?? 0
}
