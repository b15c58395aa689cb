import { type AccessFacts, rankRoles } from '../access/index.ts'
import type { Principal, RobotGrant } from '../identity/index.ts'
import type { Db } from '../metadata/index.ts'

/** What somebody is in a project; `-1` for the system, where only robots have something. */
export async function findPart(
  db: Db,
  who: Principal,
  projectId: number,
): Promise<Pick<AccessFacts, 'roles' | 'granted'>> {
  if (who.kind === 'anonymous') return { roles: [], granted: [] }
  if (who.kind === 'robot') {
    const { rows } = await db.query<{ permission: string }>({
      name: 'api-robot-part',
      text: `select resource || ':' || action as permission from robot_grant
             where robot_id = $1 and (project_id = $2 or project_id = 0 and $2 > 0)`,
      values: [who.id, projectId],
    })
    return { roles: [], granted: rows.map(({ permission }) => permission) }
  }
  const { rows } = await db.query<{ role: number }>({
    name: 'api-user-part',
    text: `select role_id as role from member where user_id = $1 and project_id = $2
           union select m.role_id from user_group_member ug
             join member m on m.group_id = ug.group_id and m.project_id = $2 where ug.user_id = $1`,
    values: [who.id, projectId],
  })
  return { roles: rankRoles(rows.map(({ role }) => role)), granted: [] }
}

/** All that a robot was granted. */
export async function findGrants(db: Db, robotId: number): Promise<RobotGrant[]> {
  const { rows } = await db.query<RobotGrant>(
    'select project_id as "projectId", resource, action from robot_grant where robot_id = $1',
    [robotId],
  )
  return rows
}
