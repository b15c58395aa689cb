import type { Db, Tx } from '../metadata/index.ts'

export interface Project {
  readonly id: number
  readonly name: string
  readonly public: boolean
  readonly ownerId: number
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly repositories: number
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
  if (id !== undefined) await addMember(tx, id, project.ownerId, projectAdmin)
  return id
}

/** Project 1, public, as in Harbor; returns whether it was made. */
export async function createLibrary(tx: Tx): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into project (id, name, public, owner_id) values (1, 'library', true, 1) on conflict do nothing`,
  )
  if (rowCount === 1) await addMember(tx, 1, 1, projectAdmin)
  return rowCount === 1
}

const columns = `id, name, public, owner_id as "ownerId", created_at as "createdAt", updated_at as "updatedAt",
  (select count(*) from repository where project_id = project.id
   and exists (select from repository_manifest where repository_id = repository.id)) as repositories`

export async function findProject(db: Db, by: { name: string } | { id: number }): Promise<Project | undefined> {
  const { rows } = await db.query<Project>(
    `select ${columns} from project where ${'id' in by ? 'id' : 'name'} = $1 and deleted_at is null`,
    ['id' in by ? by.id : by.name],
  )
  return rows[0]
}

/** Waits for the pushes that are under way in the project, and keeps new ones waiting. */
export async function lockForDeletion(tx: Tx, id: number): Promise<void> {
  await tx.query('select from project where id = $1 for update', [id])
  await tx.query('select from repository where project_id = $1 order by id for update', [id])
}

/** Whether the project was there. */
export async function deleteProject(tx: Tx, id: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update project set deleted_at = now(), updated_at = now() where id = $1 and deleted_at is null',
    [id],
  )
  return rowCount === 1
}

/** The new member's id, or undefined where the user is a member already. */
export async function addMember(
  tx: Tx,
  projectId: number,
  userId: number,
  roleId: number,
): Promise<number | undefined> {
  const { rows } = await tx.query<{ id: number }>(
    `insert into member (project_id, user_id, role_id) values ($1, $2, $3) on conflict do nothing returning id`,
    [projectId, userId, roleId],
  )
  return rows[0]?.id
}

export async function memberRole(db: Db, projectId: number, userId: number): Promise<number | undefined> {
  const { rows } = await db.query<{ role: number }>(
    'select role_id as role from member where project_id = $1 and user_id = $2',
    [projectId, userId],
  )
  return rows[0]?.role
}

/** Repositories of the project that hold an artifact. */
export async function countRepositories(db: Db, projectId: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*) from repository where project_id = $1
     and exists (select from repository_manifest where repository_id = repository.id)`,
    [projectId],
  )
  return rows[0]?.count ?? 0
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
