import type { Robot } from '@breakwater/harbor-contract'
import { type Client, harbor } from '../remote/client.ts'
import type { RemoteOptions } from '../remote/connection.ts'
import { printable } from '../remote/table.ts'
import { findProject } from './project.ts'

export interface RobotOptions extends RemoteOptions {
  readonly project?: string
}

/** The robots of a project, or those of the system. `bare`: only with this name, without prefix and project. */
export async function listRobots(client: Client, project?: string, bare?: string): Promise<Robot[]> {
  const conditions = bare === undefined ? [] : [`name=${bare}`]
  if (project !== undefined) {
    const { project_id: id } = await findProject(client, project)
    conditions.push('Level=project', `ProjectID=${id}`)
  }
  const query = conditions.length > 0 ? { q: conditions.join(',') } : {}
  return client.list<Robot>(`${harbor}/robots`, { ...query, sort: 'name' })
}

/**
 * By the full name, or by one without the prefix: `robot$staging+ci`, `staging+ci`, or `ci` with a project. Throws where
 * there is none.
 */
export async function findRobot(client: Client, name: string, options: RobotOptions): Promise<Robot> {
  const [, fromName, bare = ''] = /(?:([a-z0-9._-]+)\+)?([a-z0-9._-]+)$/.exec(name) ?? []
  const project = options.project ?? fromName
  const robots = bare === '' ? [] : await listRobots(client, project, bare)
  const short = project === undefined ? bare : `${project}+${bare}`
  const found = robots.find((robot) => [robot.name, short, bare].includes(name) && robot.name?.endsWith(short))
  if (found) return found
  const where = project === undefined ? 'in the system' : `in project ${project}`
  const list = `breakwater robot list${project === undefined ? '' : ` --project ${project}`}`
  throw new Error(`There is no robot ${name} ${where}. \`${list}\` shows them.`)
}

export function stateOf(robot: Robot): string {
  if (robot.disable) return 'disabled'
  const { expires_at: end = -1 } = robot
  return end !== -1 && end * 1000 <= Date.now() ? 'expired' : 'active'
}

/** The day, or `never`. */
export function endOf({ expires_at: end = -1 }: Pick<Robot, 'expires_at'>): string {
  return end === -1 ? 'never' : new Date(end * 1000).toISOString().slice(0, 10)
}

/** What a robot may do where: `repository:pull@staging`. */
export function grantsOf({ permissions = [] }: Robot): string[] {
  return permissions.flatMap(({ kind, namespace, access = [] }) =>
    access.map(({ resource, action }) => `${resource}:${action}@${kind === 'system' ? 'system' : namespace}`),
  )
}

export function describeRobot(robot: Robot): string {
  const lines: readonly (readonly [string, string])[] = [
    ['name', robot.name ?? ''],
    ['description', robot.description ?? ''],
    ['state', stateOf(robot)],
    ['ends', endOf(robot)],
    ['since', robot.creation_time ?? ''],
    ...grantsOf(robot).map((grant, index) => [index === 0 ? 'may' : '', grant] as const),
  ]
  return lines.map(([key, value]) => `${key.padEnd('description'.length)}  ${printable(value)}`.trimEnd()).join('\n')
}
