import type { Db, Tx } from '../metadata/index.ts'

/** A robot's right to do one thing; project 0 is every project, -1 the system. */
export interface RobotGrant {
  readonly projectId: number
  readonly resource: string
  readonly action: string
}

export interface Robot {
  readonly id: number
  /** Without prefix; a project's robot begins with the project and `+`. */
  readonly name: string
  /** Null for a robot of the system. */
  readonly projectId: number | null
  readonly description: string
  readonly disabled: boolean
  /** Days; -1 never ends. */
  readonly duration: number
  readonly expiresAt: Date | null
  readonly creatorType: 'local' | 'robot'
  readonly creatorId: number
  readonly createdAt: Date
  readonly updatedAt: Date
  /** With the names of the projects. */
  readonly grants: readonly (RobotGrant & { readonly project: string | null })[]
}

export interface NewRobot {
  readonly name: string
  readonly projectId: number | null
  readonly description: string
  readonly disabled: boolean
  readonly duration: number
  readonly secretHash: Buffer
  readonly creatorType: 'local' | 'robot'
  readonly creatorId: number
}

const columns = `r.id, case when p.name is null then r.name else p.name || '+' || r.name end as name,
  r.project_id as "projectId", r.description, r.disabled, r.duration, r.expires_at as "expiresAt",
  r.creator_type as "creatorType", r.creator_id as "creatorId", r.created_at as "createdAt", r.updated_at as "updatedAt",
  coalesce((select jsonb_agg(jsonb_build_object('projectId', g.project_id, 'project', gp.name, 'resource', g.resource,
      'action', g.action) order by g.project_id, g.resource, g.action)
    from robot_grant g left join project gp on gp.id = g.project_id
    where g.robot_id = r.id and (g.project_id <= 0 or gp.deleted_at is null)), '[]') as grants`
const source = 'from robot r left join project p on p.id = r.project_id'

/** When a robot that was made at `created_at` ends. */
const expiry = (days: string) => `case when ${days} = -1 then null else created_at + make_interval(days => ${days}) end`

/** What was made, or undefined where the name is taken. */
export async function insertRobot(
  tx: Tx,
  robot: NewRobot,
  grants: readonly RobotGrant[],
): Promise<{ readonly id: number; readonly createdAt: Date; readonly expiresAt: Date | null } | undefined> {
  const { rows } = await tx.query<{ id: number; createdAt: Date; expiresAt: Date | null }>(
    `insert into robot (name, project_id, description, disabled, duration, secret_hash, creator_type, creator_id, expires_at)
     values ($1, $2, $3, $4, $5::integer, $6, $7, $8,
       case when $5::integer = -1 then null else now() + make_interval(days => $5::integer) end)
     on conflict do nothing returning id, created_at as "createdAt", expires_at as "expiresAt"`,
    [
      robot.name,
      robot.projectId,
      robot.description,
      robot.disabled,
      robot.duration,
      robot.secretHash,
      robot.creatorType,
      robot.creatorId,
    ],
  )
  const made = rows[0]
  if (made) await insertGrants(tx, made.id, grants)
  return made
}

async function insertGrants(tx: Tx, robotId: number, grants: readonly RobotGrant[]): Promise<void> {
  await tx.query(
    `insert into robot_grant (robot_id, project_id, resource, action)
     select $1, * from unnest($2::bigint[], $3::text[], $4::text[]) on conflict do nothing`,
    [
      robotId,
      grants.map(({ projectId }) => projectId),
      grants.map(({ resource }) => resource),
      grants.map(({ action }) => action),
    ],
  )
}

export async function findRobot(db: Db, id: number): Promise<Robot | undefined> {
  const { rows } = await db.query<Robot>(`select ${columns} ${source} where r.id = $1`, [id])
  return rows[0]
}

/** SQL of ours with `$1`, `$2` …, over `robot r`, and its values. */
export async function listRobots(
  db: Db,
  filter: { readonly clauses: readonly string[]; readonly values: readonly unknown[] },
  orderBy: string,
  window: { readonly offset: number; readonly limit: number | null },
): Promise<{ robots: Robot[]; total: number }> {
  const values = [...filter.values]
  const where = filter.clauses.length > 0 ? `where ${filter.clauses.join(' and ')}` : ''
  const counted = await db.query<{ total: number }>(`select count(*) as total from robot r ${where}`, values)
  const { rows } = await db.query<Robot>(
    `select ${columns} ${source} ${where} order by ${orderBy}
     offset $${values.push(window.offset)} limit $${values.push(window.limit)}`,
    values,
  )
  return { robots: rows, total: counted.rows[0]?.total ?? 0 }
}

/** Replaces what may be changed. Every change makes credentials that were checked before it void. */
export async function updateRobot(
  tx: Tx,
  id: number,
  changed: Pick<NewRobot, 'description' | 'disabled' | 'duration'>,
  grants: readonly RobotGrant[],
): Promise<void> {
  await tx.query(
    `update robot set description = $2, disabled = $3, duration = $4::integer, expires_at = ${expiry('$4::integer')},
       revision = revision + 1, updated_at = now() where id = $1`,
    [id, changed.description, changed.disabled, changed.duration],
  )
  await tx.query('delete from robot_grant where robot_id = $1', [id])
  await insertGrants(tx, id, grants)
}

export async function setRobotSecret(tx: Tx, id: number, secretHash: Buffer): Promise<void> {
  await tx.query('update robot set secret_hash = $2, revision = revision + 1, updated_at = now() where id = $1', [
    id,
    secretHash,
  ])
}

export async function deleteRobot(tx: Tx, id: number): Promise<void> {
  await tx.query('delete from robot where id = $1', [id])
}

/** A project that goes takes its robots along, and what others may do in it. */
export async function deleteRobotsOf(tx: Tx, projectId: number): Promise<void> {
  await tx.query('delete from robot where project_id = $1', [projectId])
  await tx.query('delete from robot_grant where project_id = $1', [projectId])
}
