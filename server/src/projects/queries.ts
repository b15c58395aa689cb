import type { Db, Tx } from '../metadata/index.ts'
import { countVisible, type Viewer, visible } from './viewer-queries.ts'

export interface Project {
  readonly id: number
  readonly name: string
  readonly public: boolean
  /** Whether pulls ask for a verdict. */
  readonly gated: boolean
  readonly ownerId: number
  readonly ownerName: string
  readonly createdAt: Date
  readonly updatedAt: Date
  /** That hold an artifact. */
  readonly repositories: number
  /** Harbor's keys and values, `public` not among them. */
  readonly metadata: Readonly<Record<string, string>>
}

export interface NewProject {
  readonly name: string
  readonly public: boolean
  readonly ownerId: number
}

/** Harbor's role 1. */
const projectAdmin = 1

/** The new project's id, or undefined where the name is taken. Its owner becomes its administrator. */
export async function createProject(tx: Tx, project: NewProject): Promise<number | undefined> {
  const { rows } = await tx.query<{ id: number }>(
    `insert into project (name, public, owner_id) values ($1, $2, $3) on conflict do nothing returning id`,
    [project.name, project.public, project.ownerId],
  )
  const id = rows[0]?.id
  if (id !== undefined) await makeAdministrator(tx, id, project.ownerId)
  return id
}

async function makeAdministrator(tx: Tx, projectId: number, userId: number): Promise<void> {
  await tx.query('insert into member (project_id, user_id, role_id) values ($1, $2, $3)', [
    projectId,
    userId,
    projectAdmin,
  ])
}

/** Project 1, public, as in Harbor; returns whether it was made. */
export async function createLibrary(tx: Tx): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into project (id, name, public, owner_id) values (1, 'library', true, 1) on conflict do nothing`,
  )
  if (rowCount === 1) await makeAdministrator(tx, 1, 1)
  return rowCount === 1
}

const columns = `p.id, p.name, p.public, p.gated, p.owner_id as "ownerId", p.created_at as "createdAt", p.updated_at as "updatedAt",
  (select name from user_account where id = p.owner_id) as "ownerName",
  (select coalesce(sum(repositories), 0)::bigint from counted_repositories where project_id = p.id) as repositories,
  coalesce((select jsonb_object_agg(key, value) from project_metadata where project_id = p.id), '{}') as metadata`

export async function findProject(db: Db, by: { name: string } | { id: number }): Promise<Project | undefined> {
  const { rows } = await db.query<Project>(
    `select ${columns} from project p where p.${'id' in by ? 'id' : 'name'} = $1 and p.deleted_at is null`,
    ['id' in by ? by.id : by.name],
  )
  return rows[0]
}

/** What a list is to hold: SQL of ours with `$1`, `$2` …, and the values. Columns are those of `project p`. */
export interface ProjectFilter {
  readonly clauses: readonly string[]
  readonly values: readonly unknown[]
}

export async function listProjects(
  db: Db,
  viewer: Viewer,
  filter: ProjectFilter,
  orderBy: string,
  window: { readonly offset: number; readonly limit: number | null },
): Promise<{ projects: Project[]; total: number }> {
  const values = [...filter.values]
  const where = ['p.deleted_at is null', visible(viewer, values), ...filter.clauses].join(' and ')
  const total = filter.clauses.length > 0 ? await countMatching(db, where, values) : await countVisible(db, viewer)
  const from = `(select * from project p where ${where} order by ${orderBy}
    offset $${values.push(window.offset)} limit $${values.push(window.limit)}) p`
  // The page is cut before its columns are looked up.
  const { rows } = await db.query<Project>(`select ${columns} from ${from} order by ${orderBy}`, values)
  return { projects: rows, total }
}

async function countMatching(db: Db, where: string, values: readonly unknown[]): Promise<number> {
  const { rows } = await db.query<{ total: number }>(`select count(*) as total from project p where ${where}`, [
    ...values,
  ])
  return rows[0]?.total ?? 0
}

/** Waits for the pushes that are under way in the project, and keeps new ones waiting. */
export async function lockForDeletion(tx: Tx, id: number): Promise<void> {
  await tx.query('select from project where id = $1 for update', [id])
  await tx.query('select from repository where project_id = $1 order by id for update', [id])
}

/** Whether the project was there. Its members and metadata go with it. */
export async function deleteProject(tx: Tx, id: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update project set deleted_at = now(), updated_at = now() where id = $1 and deleted_at is null',
    [id],
  )
  await tx.query('delete from member where project_id = $1', [id])
  await tx.query('delete from project_metadata where project_id = $1', [id])
  await tx.query('delete from cve_allowlist where project_id = $1', [id])
  return rowCount === 1
}

export async function setPublic(tx: Tx, id: number, isPublic: boolean): Promise<void> {
  await tx.query('update project set public = $2, updated_at = now() where id = $1', [id, isPublic])
}

/** Sets one value; with `create`, false where the key has one already. */
export async function putMetadata(
  tx: Tx,
  projectId: number,
  key: string,
  value: string,
  how: 'create' | 'replace',
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into project_metadata (project_id, key, value) values ($1, $2, $3) on conflict (project_id, key)
     ${how === 'create' ? 'do nothing' : 'do update set value = excluded.value'}`,
    [projectId, key, value],
  )
  await tx.query('update project set updated_at = now() where id = $1', [projectId])
  return rowCount === 1
}

/** Whether there was one. */
export async function deleteMetadata(tx: Tx, projectId: number, key: string): Promise<boolean> {
  const { rowCount } = await tx.query('delete from project_metadata where project_id = $1 and key = $2', [
    projectId,
    key,
  ])
  return rowCount === 1
}

/**
 * The repository's id; makes the row for a first push. Undefined where the project is gone. The row stays locked
 * against lockForDeletion, so what the transaction puts into the repository can't end up in a deleted project.
 */
export async function ensureRepository(tx: Tx, projectId: number, name: string): Promise<number | undefined> {
  const values = [projectId, name]
  const find = {
    name: 'repository-find',
    text: 'select id from repository where project_id = $1 and name = $2 for key share',
    values,
  }
  let { rows } = await tx.query<{ id: number }>(find)
  if (!rows[0]) {
    await tx.query({
      name: 'repository-make',
      text: 'insert into repository (project_id, name) values ($1, $2) on conflict do nothing',
      values,
    })
    rows = (await tx.query<{ id: number }>(find)).rows
  }
  const alive = await tx.query({
    name: 'project-alive',
    text: 'select from project where id = $1 and deleted_at is null',
    values: [projectId],
  })
  return alive.rowCount === 1 ? rows[0]?.id : undefined
}
