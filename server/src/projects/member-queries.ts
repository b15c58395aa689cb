import type { Db, Tx } from '../metadata/index.ts'

export interface Member {
  readonly id: number
  readonly projectId: number
  readonly entity: 'user' | 'group'
  readonly entityId: number
  readonly entityName: string
  readonly roleId: number
}

export type MemberEntity = { readonly userId: number } | { readonly groupId: number }

/** The new member's id, or undefined where the user or group is a member already. */
export async function addMember(
  tx: Tx,
  projectId: number,
  entity: MemberEntity,
  roleId: number,
): Promise<number | undefined> {
  const { rows } = await tx.query<{ id: number }>(
    `insert into member (project_id, user_id, group_id, role_id) values ($1, $2, $3, $4)
     on conflict do nothing returning id`,
    [projectId, 'userId' in entity ? entity.userId : null, 'groupId' in entity ? entity.groupId : null, roleId],
  )
  return rows[0]?.id
}

const members = `select m.id, m.project_id as "projectId", case when m.user_id is null then 'group' else 'user' end as entity,
    coalesce(m.user_id, m.group_id) as "entityId", coalesce(u.name, g.name) as "entityName", m.role_id as "roleId"
  from member m
  left join user_account u on u.id = m.user_id
  left join user_group g on g.id = m.group_id
  where m.project_id = $1 and (m.user_id is null or u.deleted_at is null)`

/** By name; `named`: part of a user's or group's name. */
export async function listMembers(
  db: Db,
  projectId: number,
  named: string,
  window: { readonly offset: number; readonly limit: number | null },
): Promise<{ members: Member[]; total: number }> {
  const filtered = `${members} and strpos(lower(coalesce(u.name, g.name)), lower($2)) > 0`
  const counted = await db.query<{ total: number }>(`select count(*) as total from (${filtered}) found`, [
    projectId,
    named,
  ])
  const { rows } = await db.query<Member>(`${filtered} order by "entityName", m.id offset $3 limit $4`, [
    projectId,
    named,
    window.offset,
    window.limit,
  ])
  return { members: rows, total: counted.rows[0]?.total ?? 0 }
}

export async function findMember(db: Db, projectId: number, id: number): Promise<Member | undefined> {
  const { rows } = await db.query<Member>(`${members} and m.id = $2`, [projectId, id])
  return rows[0]
}

export async function updateMember(tx: Tx, id: number, roleId: number): Promise<void> {
  await tx.query('update member set role_id = $2 where id = $1', [id, roleId])
}

export async function removeMember(tx: Tx, id: number): Promise<void> {
  await tx.query('delete from member where id = $1', [id])
}

/** How many users and groups hold each role, by role id. */
export async function countMembers(db: Db, projectId: number): Promise<ReadonlyMap<number, number>> {
  const { rows } = await db.query<{ role: number; count: number }>(
    `select m.role_id as role, count(*) from member m left join user_account u on u.id = m.user_id
     where project_id = $1 and (m.user_id is null or u.deleted_at is null) group by 1`,
    [projectId],
  )
  return new Map(rows.map(({ role, count }) => [role, count]))
}

/** Somebody's roles in each of these projects, own ones and those of groups, by project id. */
export async function rolesIn(
  db: Db,
  userId: number,
  projectIds: readonly number[],
): Promise<ReadonlyMap<number, readonly number[]>> {
  const { rows } = await db.query<{ project: number; roles: number[] }>(
    `select project_id as project, array_agg(distinct role_id) as roles from member
     where project_id = any($2) and (user_id = $1
       or group_id in (select group_id from user_group_member where user_id = $1))
     group by 1`,
    [userId, projectIds],
  )
  return new Map(rows.map(({ project, roles }) => [project, roles]))
}

/** Whether somebody administers any project, themselves or through a group. */
export async function isAdministratorSomewhere(db: Db, userId: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from member m join project p on p.id = m.project_id and p.deleted_at is null
     where m.role_id = 1 and (m.user_id = $1
       or m.group_id in (select group_id from user_group_member where user_id = $1))
     limit 1`,
    [userId],
  )
  return rowCount === 1
}
