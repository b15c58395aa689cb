import type { Db, Tx } from '../metadata/index.ts'
import { countFilled, type RepositoryScope, visible } from './viewer-queries.ts'

/** A repository that holds an artifact; others are not shown. */
export interface Repository {
  readonly id: number
  readonly projectId: number
  /** With the project. */
  readonly name: string
  readonly description: string
  /** As lists show them. */
  readonly artifacts: number
  readonly pulls: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** SQL of ours with `$1`, `$2` …, and the values; columns are those of `repository r` and `project p`. */
interface Filter {
  readonly clauses: readonly string[]
  readonly values: readonly unknown[]
}

/** Pulls of the repository, for filters and orders. */
export const pullsColumn = 'coalesce((select count from repository_pull where repository_id = r.id), 0)'
/** When it was last changed: its description, or by a push. */
export const updatedColumn =
  'greatest(r.updated_at, (select max(pushed_at) from repository_manifest where repository_id = r.id and accessory_type is null))'

const columns = `r.id, r.project_id as "projectId", p.name || '/' || r.name as name, r.description,
  ${pullsColumn} as pulls, r.created_at as "createdAt", ${updatedColumn} as "updatedAt"`
const joined = 'repository r join project p on p.id = r.project_id and p.deleted_at is null'
const filled = 'exists (select from repository_manifest where repository_id = r.id)'

/** Those of one project, or all that somebody may see. */
export async function findRepositories(
  db: Db,
  scope: RepositoryScope,
  filter: Filter,
  orderBy: string,
  window: { readonly offset: number; readonly limit: number | null },
): Promise<{ repositories: Repository[]; total: number }> {
  const values = [...filter.values]
  const within =
    'projectId' in scope ? `r.project_id = $${values.push(scope.projectId)}` : visible(scope.viewer, values)
  const where = [filled, within, ...filter.clauses].join(' and ')
  const total = filter.clauses.length > 0 ? await count(db, where, values) : await countFilled(db, scope)
  // The page is cut before its artifacts are counted.
  const cut = `select r.* from ${joined} where ${where} order by ${orderBy}
    offset $${values.push(window.offset)} limit $${values.push(window.limit)}`
  const { rows } = await db.query<Omit<Repository, 'artifacts'>>(
    `select ${columns} from (${cut}) r join project p on p.id = r.project_id order by ${orderBy}`,
    values,
  )
  return { repositories: await withArtifacts(db, rows), total }
}

async function count(db: Db, where: string, values: readonly unknown[]): Promise<number> {
  const { rows } = await db.query<{ total: number }>(`select count(*) as total from ${joined} where ${where}`, [
    ...values,
  ])
  return rows[0]?.total ?? 0
}

/** By its name without the project. */
export async function findRepository(db: Db, projectId: number, name: string): Promise<Repository | undefined> {
  const { rows } = await db.query<Omit<Repository, 'artifacts'>>(
    `select ${columns} from ${joined} where r.project_id = $1 and r.name = $2 and ${filled}`,
    [projectId, name],
  )
  const [found] = await withArtifacts(db, rows)
  return found
}

/** Counts what lists show: what no index names, and what has a tag; the two apart, as each has its own way there. */
async function withArtifacts(db: Db, found: readonly Omit<Repository, 'artifacts'>[]): Promise<Repository[]> {
  const { rows } = await db.query<{ id: number; count: number }>(
    `select repository_id as id, sum(plain)::bigint as count from counted_artifacts
       where repository_id = any($1) group by 1
     union all select a.repository_id, count(*) from repository_manifest a
       where a.repository_id = any($1) and a.accessory_type is null and a.parents > 0
       and exists (select from tag t where t.digest = a.digest and t.repository_id = a.repository_id) group by 1`,
    [found.map(({ id }) => id)],
  )
  const counts = new Map<number, number>()
  for (const { id, count } of rows) counts.set(id, (counts.get(id) ?? 0) + count)
  return found.map((repository) => ({ ...repository, artifacts: counts.get(repository.id) ?? 0 }))
}

/** The same for what happens inside it: only which it is. */
export async function findRepositoryId(db: Db, projectId: number, name: string): Promise<number | undefined> {
  const { rows } = await db.query<{ id: number }>({
    name: 'repository-id',
    text: `select r.id from repository r where r.project_id = $1 and r.name = $2 and ${filled}`,
    values: [projectId, name],
  })
  return rows[0]?.id
}

export async function describeRepository(tx: Tx, id: number, description: string): Promise<void> {
  await tx.query('update repository set description = $2, updated_at = now() where id = $1', [id, description])
}

/**
 * Waits for the pushes that are under way in the repository, and keeps new ones waiting; false where its project is
 * gone.
 */
export async function lockRepository(tx: Tx, id: number): Promise<boolean> {
  await tx.query('select from repository where id = $1 for update', [id])
  const { rowCount } = await tx.query(
    'select from repository r join project p on p.id = r.project_id and p.deleted_at is null where r.id = $1',
    [id],
  )
  return rowCount === 1
}
