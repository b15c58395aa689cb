import { type Permission, type RoleId, rolePermissions } from '../../access/index.ts'
import type { Principal } from '../../identity/index.ts'
import type { Db } from '../../metadata/index.ts'

const permission: Permission = 'log:list'

/** The projects whose log somebody may list. */
export async function findLogProjects(db: Db, who: Exclude<Principal, { kind: 'anonymous' }>): Promise<number[]> {
  if (who.kind === 'robot') {
    const { rows } = await db.query<{ id: number }>(
      `select p.id from project p join robot_grant g on g.project_id in (p.id, 0)
       where g.robot_id = $1 and g.resource || ':' || g.action = $2 and p.deleted_at is null group by p.id`,
      [who.id, permission],
    )
    return rows.map(({ id }) => id)
  }
  const roles = Object.keys(rolePermissions)
    .map(Number)
    .filter((role) => rolePermissions[role as RoleId].has(permission))
  const { rows } = await db.query<{ id: number }>(
    `select project_id as id from member where user_id = $1 and role_id = any($2)
     union select m.project_id from user_group_member g join member m on m.group_id = g.group_id
       where g.user_id = $1 and m.role_id = any($2)`,
    [who.id, roles],
  )
  return rows.map(({ id }) => id)
}
