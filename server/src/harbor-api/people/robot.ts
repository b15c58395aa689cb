import type { RobotCreate } from '@breakwater/harbor-contract'
import { RegistryError } from '@breakwater/oci'
import type { Permission } from '../../access/index.ts'
import {
  deleteRobot,
  findRobot,
  generateRobotSecret,
  insertRobot,
  listRobots,
  type Robot,
  setRobotSecret,
  updateRobot,
} from '../../identity/index.ts'
import { record } from '../../ledger/index.ts'
import { transaction } from '../../metadata/index.ts'
import { findProject } from '../../projects/index.ts'
import type { Caller } from '../caller.ts'
import { type ApiDeps, created, type HandlersOf, json, ok } from '../operation.ts'
import { requireHere, requireInProject, requireInSystem, requireLogin } from '../permit.ts'
import { list, pageOf, windowOf } from '../request/page.ts'
import { parseQuery, parseSort } from '../request/query.ts'
import { applyConditions } from '../request/sql-filter.ts'
import { levelOf, robotAnswer, secondsOf } from './robot-answer.ts'
import { creatorOf, permissionsAnswer, readPermissions, requireWithinCreator } from './robot-permissions.ts'
import { checkChosenSecret, checkDuration, checkLevel, checkRobotName } from './robot-rules.ts'

export const robotHandlers: HandlersOf<
  'ListRobot' | 'CreateRobot' | 'GetRobotByID' | 'UpdateRobot' | 'RefreshSec' | 'DeleteRobot'
> = {
  async ListRobot(deps, input) {
    const { caller, query } = input
    requireLogin(caller)
    const conditions = parseQuery(query.q)
    const level = conditions.get('level')
    const project = conditions.get('project_id')
    const clauses: string[] = []
    const values: unknown[] = []
    if (level?.kind === 'exact' && level.value === 'project') {
      if (project?.kind !== 'exact') {
        throw new RegistryError('BAD_REQUEST', 'must with project ID when to query project robots')
      }
      const { project: found } = await requireInProject(
        deps,
        { caller, params: { project_name_or_id: project.value } },
        'robot:list',
      )
      clauses.push(`r.project_id = $${values.push(found.id)}`)
    } else {
      await requireInSystem(deps, caller, 'robot:list')
      clauses.push('r.project_id is null')
    }
    const filter = applyConditions({ clauses, values }, conditions, filterable)
    const page = pageOf(query)
    const found = await listRobots(deps.pool, filter, parseSort(query.sort, sortable, 'r.id desc'), windowOf(page))
    const prefix = await prefixOf(deps)
    return list(
      input,
      found.robots.map((robot) => robotAnswer(robot, prefix)),
      found.total,
      page,
    )
  },

  async CreateRobot(deps, input) {
    const { caller, body } = input
    const who = requireLogin(caller)
    const level = checkLevel(body.level)
    const projectId = await requireMaker(deps, caller, level, body)
    const name = checkRobotName(body.name)
    const duration = checkDuration(body.duration ?? (await deps.settings.current()).robot_token_duration)
    const grants = await readPermissions(deps, level, body.permissions)
    await requireWithinCreator(deps, caller, grants)
    const secret = generateRobotSecret()
    const made = await transaction(deps.pool, async (tx) => {
      const robot = {
        name,
        projectId,
        description: body.description ?? '',
        disabled: body.disable ?? false,
        duration,
        secretHash: deps.robotSecrets.hash(secret),
        ...creatorOf(who),
      }
      const inserted = await insertRobot(tx, robot, grants)
      if (!inserted) throw new RegistryError('CONFLICT', `robot account ${projectId ?? 0}:${name} already exists`)
      const found = await findRobot(tx, inserted.id)
      if (!found) throw new Error(`robot ${inserted.id} is not there after it was made`)
      await recordRobot(tx, caller, found, 'robot.create', { permissions: permissionsAnswer(found), duration })
      return found
    })
    const answer = json({
      id: made.id,
      name: (await prefixOf(deps)) + made.name,
      secret,
      creation_time: made.createdAt.toISOString(),
      expires_at: secondsOf(made.expiresAt),
    })
    const headers = { ...answer.headers, ...created(input, made.id).headers, 'Cache-Control': 'no-store' }
    return { ...answer, status: 201, headers }
  },

  async GetRobotByID(deps, { caller, params }) {
    const robot = await requireRobot(deps, caller, params.robot_id, 'robot:read')
    return json(robotAnswer(robot, await prefixOf(deps)))
  },

  async UpdateRobot(deps, { caller, params, body }) {
    const robot = await requireRobot(deps, caller, params.robot_id, 'robot:update')
    const prefix = await prefixOf(deps)
    if (body.level !== levelOf(robot) || body.name !== prefix + robot.name) {
      throw new RegistryError('BAD_REQUEST', 'cannot update the level or name of robot')
    }
    const duration = body.duration == null ? robot.duration : checkDuration(body.duration)
    const grants = await readPermissions(deps, levelOf(robot), body.permissions)
    if (robot.projectId !== null && grants.some(({ projectId }) => projectId !== robot.projectId)) {
      throw new RegistryError('BAD_REQUEST', 'cannot update the project of a robot')
    }
    await requireWithinCreator(deps, caller, grants)
    await transaction(deps.pool, async (tx) => {
      const changed = { description: body.description ?? '', disabled: body.disable ?? false, duration }
      await updateRobot(tx, robot.id, changed, grants)
      const after = await findRobot(tx, robot.id)
      if (!after) throw unknownRobot(robot.id)
      await recordRobot(tx, caller, after, 'robot.update', { ...changed, permissions: permissionsAnswer(after) })
    })
    return ok
  },

  async RefreshSec(deps, { caller, params, body }) {
    const robot = await requireRobot(deps, caller, params.robot_id, 'robot:update')
    const chosen = checkChosenSecret(body.secret)
    const secret = chosen || generateRobotSecret()
    await transaction(deps.pool, async (tx) => {
      await setRobotSecret(tx, robot.id, deps.robotSecrets.hash(secret))
      await recordRobot(tx, caller, robot, 'robot.rotate', {})
    })
    return json(chosen ? {} : { secret }, { 'Cache-Control': 'no-store' })
  },

  async DeleteRobot(deps, { caller, params }) {
    const robot = await requireRobot(deps, caller, params.robot_id, 'robot:delete')
    await transaction(deps.pool, async (tx) => {
      await deleteRobot(tx, robot.id)
      await recordRobot(tx, caller, robot, 'robot.delete', {})
    })
    return ok
  },
}

const filterable = {
  name: { sql: 'r.name', type: 'text' },
  disabled: { sql: 'r.disabled', type: 'boolean' },
  disable: { sql: 'r.disabled', type: 'boolean' },
  creation_time: { sql: 'r.created_at', type: 'timestamptz' },
} as const
const sortable = { id: 'r.id', name: 'r.name', creation_time: 'r.created_at', update_time: 'r.updated_at' }

/** Whoever makes a robot must be allowed to where it will belong: the project's id, or null for the system. */
async function requireMaker(
  deps: ApiDeps,
  caller: Caller,
  level: 'system' | 'project',
  { permissions }: RobotCreate,
): Promise<number | null> {
  if (level === 'system') {
    await requireInSystem(deps, caller, 'robot:create')
    return null
  }
  const name = permissions?.[0]?.namespace ?? ''
  if (name === '') throw new RegistryError('BAD_REQUEST', 'bad request empty permission')
  const { project } = await requireInProject(deps, { caller, params: { project_name: name } }, 'robot:create')
  return project.id
}

async function requireRobot(deps: ApiDeps, caller: Caller, id: number, permission: Permission): Promise<Robot> {
  requireLogin(caller)
  const robot = await findRobot(deps.pool, id)
  if (!robot) {
    await requireInSystem(deps, caller, permission)
    throw unknownRobot(id)
  }
  const project = robot.projectId === null ? undefined : await findProject(deps.pool, { id: robot.projectId })
  if (project) await requireHere(deps, caller, project, permission)
  else await requireInSystem(deps, caller, permission)
  return robot
}

function unknownRobot(id: number): RegistryError {
  return new RegistryError('NOT_FOUND', `robot ${id} not found`)
}

async function prefixOf({ settings }: ApiDeps): Promise<string> {
  return (await settings.current()).robot_name_prefix
}

async function recordRobot(
  tx: Parameters<typeof record>[0],
  caller: Caller,
  robot: Robot,
  action: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  const projectId = robot.projectId ?? undefined
  await record(tx, caller.actor, { projectId, action, object: `robot ${robot.name}`, detail })
}
