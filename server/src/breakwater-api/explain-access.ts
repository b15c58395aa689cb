import { RegistryError } from '@breakwater/oci'
import {
  type Explanation,
  explain,
  grantable,
  type Permission,
  type Place,
  publicPermissions,
  rolePermissions,
} from '../access/index.ts'
import type { Caller } from '../harbor-api/index.ts'
import { recordRefusal } from '../ledger/index.ts'
import type { Pool } from '../metadata/index.ts'
import { findProject, type Project } from '../projects/index.ts'
import type { Settings } from '../settings/index.ts'
import { findMemberships } from './queries.ts'
import { type Asked, findSubject, isSame, readWho, stranger, writeWho } from './subject.ts'

export interface ExplainDeps {
  readonly pool: Pool
  readonly settings: Settings
}

export interface AccessExplanation extends Explanation {
  /** `user:NAME`, `robot:NAME` or `anonymous`. */
  readonly who: string
  readonly permission: string
  readonly on: string
}

/**
 * GET /access/explain?who=…&action=…&on=…: why somebody may or may not do something. Administrators may ask of
 * everybody, a project's administrators of everybody in their project, and everybody of themselves. Throws BAD_REQUEST
 * for a question that can't be read, UNAUTHORIZED and FORBIDDEN for those who may not ask it.
 */
export async function explainAccess(
  deps: ExplainDeps,
  caller: Caller,
  query: URLSearchParams,
): Promise<AccessExplanation> {
  const { robot_name_prefix: prefix } = await deps.settings.current()
  const asked = readWho(required(query, 'who'), prefix)
  const on = required(query, 'on')
  const system = on === 'system'
  const permission = readPermission(required(query, 'action'), system)
  const name = on.split('/', 1)[0] ?? ''
  const project = system ? undefined : await findProject(deps.pool, { name })

  const standing = await standingOf(deps, caller, asked, project)
  if (standing === 'none') return refuse(deps, caller, asked, on, project)
  const found = await findSubject(deps.pool, asked, system ? 'system' : project?.id)
  // Whoever administers a project hears nothing of accounts that have no part in it and that nobody can look up.
  const subject = standing === 'project' && !found.known ? stranger(asked) : found.subject
  const place: Place = system ? { kind: 'system' } : { kind: 'project', name, project }
  const told = { who: writeWho(asked), permission, on }
  // Of themselves, people must not learn which projects there are.
  const hidden = standing === 'self' && project && !project.public
  if (standing === 'self' && !system && (!project || (hidden && !hasPart(subject)))) {
    const because = `There is no project ${name}, or ${told.who} has no part in it.`
    return { allowed: false, ...told, because, checked: [] }
  }
  return { ...told, ...explain(subject, permission, place) }
}

function hasPart({ memberships, grants }: ReturnType<typeof stranger>): boolean {
  return memberships.length > 0 || grants.length > 0
}

/** By what right the caller asks. */
async function standingOf(
  { pool }: ExplainDeps,
  { who, systemAdmin }: Caller,
  asked: Asked,
  project: Project | undefined,
): Promise<'administrator' | 'project' | 'self' | 'none'> {
  if (systemAdmin) return 'administrator'
  if (project && who.kind === 'user') {
    const memberships = await findMemberships(pool, who.id, project.id)
    if (memberships.some(({ role }) => rolePermissions[role].has('member:update'))) return 'project'
  }
  return isSame(asked, who) ? 'self' : 'none'
}

async function refuse(
  { pool }: ExplainDeps,
  caller: Caller,
  asked: Asked,
  on: string,
  project: Project | undefined,
): Promise<never> {
  const anonymous = caller.who.kind === 'anonymous'
  await recordRefusal(pool, caller.actor, {
    action: 'access:explain',
    object: `${writeWho(asked)} on ${on}`,
    reason: anonymous ? 'login' : 'role',
    projectId: project?.id,
  })
  if (anonymous) throw new RegistryError('UNAUTHORIZED', 'unauthorized')
  throw new RegistryError(
    'FORBIDDEN',
    'only system administrators may ask this of others, and project administrators for their projects',
  )
}

function required(query: URLSearchParams, name: string): string {
  const value = query.get(name)?.trim()
  if (value) return value
  throw new RegistryError('BAD_REQUEST', `${name} is missing: /access/explain takes who, action and on`)
}

const known = {
  project: new Set([
    ...grantable.project,
    ...publicPermissions,
    ...Object.values(rolePermissions).flatMap((held) => [...held]),
    'repository:scanner-pull',
  ]),
  // What only administrators may do is in no table.
  system: new Set([...grantable.system, 'configuration:read', 'configuration:update', 'cve-allowlist:update']),
}

function readPermission(text: string, system: boolean): Permission {
  const given = ['pull', 'push', 'delete'].includes(text) ? `repository:${text}` : text
  const permissions: ReadonlySet<string> = system ? known.system : known.project
  if (isPermission(given) && permissions.has(given)) return given
  const [resource] = given.split(':')
  const same = [...permissions].filter((one) => one.startsWith(`${resource}:`)).sort()
  const remedy = same.length > 0 ? `${resource} knows ${same.join(', ')}` : 'pull, push, delete, or resource:action'
  throw new RegistryError(
    'BAD_REQUEST',
    `there is no action ${text} in ${system ? 'the system' : 'a project'}: ${remedy}`,
  )
}

function isPermission(text: string): text is Permission {
  return text.includes(':')
}
