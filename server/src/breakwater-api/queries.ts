import { isRole, type Subject } from '../access/index.ts'
import type { Db } from '../metadata/index.ts'

export interface UserState {
  readonly id: number
  readonly name: string
  readonly revision: number
  readonly systemAdmin: boolean
  readonly deletedAt: Date | null
}

/** By name; an account that is gone only where no other has its name now. */
export async function findUserState(db: Db, name: string): Promise<UserState | undefined> {
  const { rows } = await db.query<UserState>(
    `select id, name, revision, system_admin as "systemAdmin", deleted_at as "deletedAt" from user_account
     where lower(name) = lower($1) order by deleted_at desc nulls first limit 1`,
    [name],
  )
  return rows[0]
}

export interface RobotState {
  readonly id: number
  /** Without prefix; a project's robot begins with the project and `+`. */
  readonly name: string
  /** Null for a robot of the system. */
  readonly projectId: number | null
  readonly revision: number
  readonly disabled: boolean
  /** Undefined where it has not. */
  readonly expiredAt: Date | undefined
}

/** By name without prefix: `robot`, or `project+robot`. */
export async function findRobotState(db: Db, name: string): Promise<RobotState | undefined> {
  const plus = name.indexOf('+')
  const { rows } = await db.query<Omit<RobotState, 'name' | 'expiredAt'> & { expiredAt: Date | null }>(
    `select r.id, r.project_id as "projectId", r.revision, r.disabled,
       case when r.expires_at <= now() then r.expires_at end as "expiredAt"
     from robot r left join project p on p.id = r.project_id and p.deleted_at is null
     where r.name = $2 and ($1::text is null and r.project_id is null or p.name = $1)`,
    [plus < 0 ? null : name.slice(0, plus), name.slice(plus + 1)],
  )
  return rows[0] && { ...rows[0], name, expiredAt: rows[0].expiredAt ?? undefined }
}

/** A user's roles in a project, own ones and those of groups. */
export async function findMemberships(db: Db, userId: number, projectId: number): Promise<Subject['memberships']> {
  const { rows } = await db.query<{ role: number; group: string | null }>(
    `select m.role_id as role, g.name as "group" from member m left join user_group g on g.id = m.group_id
     where m.project_id = $2 and (m.user_id = $1
       or m.group_id in (select group_id from user_group_member where user_id = $1))
     order by g.name nulls first`,
    [userId, projectId],
  )
  return rows.flatMap(({ role, group }) => (isRole(role) ? [{ role, group: group ?? undefined }] : []))
}

/** What a robot was granted in a project, or with `system` in what belongs to none. */
export async function findGrants(db: Db, robotId: number, where: number | 'system'): Promise<Subject['grants']> {
  const { rows } = await db.query<{ permission: string; everywhere: boolean }>(
    `select resource || ':' || action as permission, bool_and(project_id = 0) as everywhere from robot_grant
     where robot_id = $1 and project_id = any($2) group by 1 order by 1`,
    [robotId, where === 'system' ? [-1] : [where, 0]],
  )
  return rows
}
