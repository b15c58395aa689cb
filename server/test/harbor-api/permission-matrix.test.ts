import { beforeAll, describe, expect, it } from 'vitest'
import { addMember, createProject, createUser, roleIds, type TestUser } from '../accounts.ts'
import { pushImage } from '../content.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { bodyOf, caller, idOf } from './call.ts'
import { mistakes, robotHolds, type Subject } from './permission-matrix.ts'
import { type Place, projectProbes } from './permission-probes.ts'
import { projectGrants, publicPermissions, type Role, rolePermissions, roles } from './permission-table.ts'
import { createRobot, grant } from './robot.ts'

const registry = sharedRegistry()
const call = caller(registry)
const probed = new Set(projectProbes.map(({ permission }) => permission))
const granted = projectGrants.filter((permission) => probed.has(permission))

const kinds = ['private', 'public'] as const
type Kind = (typeof kinds)[number]
const places = new Map<Kind, Place>()
const users = new Map<string, TestUser>()
const robots = new Map<string, string>()

const people = [
  ...roles.flatMap((role) => [`${role} in person`, `${role} through a group`]),
  'administrator',
  'outsider',
  'nobody',
]
const machines = ['robot of another project', ...granted.map((permission) => `robot with ${permission}`)]

beforeAll(async () => {
  for (const kind of kinds) {
    const id = await createProject(registry(), kind, kind === 'public')
    await pushImage(registry(), `${kind}/app`, 'v1')
    const label = idOf(await call('POST', '/labels', { json: { name: 'there', scope: 'p', project_id: id } }))
    const robot = await createRobot(call, 'there', [grant(kind, 'project:read')], { level: 'project' })
    places.set(kind, { name: kind, id, label, robot: robot.id })
  }
  await createProject(registry(), 'elsewhere')
  await Promise.all(people.slice(0, -3).map(makeMember))
  users.set('outsider', await createUser(registry(), 'outsider'))
  const elsewhere = await createRobot(call, 'elsewhere', [grant('elsewhere', ...projectGrants)], { level: 'project' })
  robots.set('robot of another project', elsewhere.auth)
  for (const [n, permission] of granted.entries()) {
    const name = `robot with ${permission}`
    // In the public project by way of all projects, in the private one as its own.
    robots.set(`public ${name}`, (await createRobot(call, `r${n}`, [grant('*', permission)])).auth)
    const own = await createRobot(call, `r${n}`, [grant('private', permission)], { level: 'project' })
    robots.set(`private ${name}`, own.auth)
  }
})

async function makeMember(title: string): Promise<void> {
  const role = title.split(' ')[0] as Role
  const user = await createUser(registry(), title.replaceAll(' ', '.').toLowerCase())
  users.set(title, user)
  if (title.endsWith('in person')) {
    for (const kind of kinds) await addMember(registry(), kind, user, role)
    return
  }
  const rows = await registry().query<{ id: number }>(
    'insert into user_group (name, type) values ($1, 3) returning id::int',
    [role],
  )
  const id = rows[0]?.id ?? 0
  await registry().query('insert into user_group_member (user_id, group_id) values ($1, $2)', [user.id, id])
  for (const kind of kinds) {
    idOf(await call('POST', `/projects/${kind}/members`, { json: { role_id: roleIds[role], member_group: { id } } }))
  }
}

function subjectOf(title: string, kind: Kind): Subject {
  if (title.startsWith('robot')) {
    const permission = title.split(' with ')[1]
    const auth = robots.get(permission ? `${kind} ${title}` : title) ?? ''
    return { title, auth, holds: robotHolds(...(permission ? [permission] : [])) }
  }
  if (title === 'administrator') return { title, auth: admin, holds: () => true }
  const role = title.split(' ')[0] as Role
  const held: readonly string[] = roles.includes(role) ? rolePermissions[role] : []
  return { title, auth: users.get(title)?.auth, holds: (permission) => held.includes(permission) }
}

const rows = kinds.flatMap((kind) => [...people, ...machines].map((title) => [title, kind] as const))
let cells = 0

describe(`${rows.length * projectProbes.length} cells of permissions in projects`, () => {
  it.each(rows)('%s in a %s project', async (title, kind) => {
    const place = places.get(kind)
    if (!place) throw new Error(`there is no ${kind} project`)
    const subject = subjectOf(title, kind)
    expect(subject.auth === undefined).toBe(title === 'nobody')
    expect(await mistakes(registry(), projectProbes, subject, place, kind === 'public')).toEqual([])
    cells += projectProbes.length
  })

  it('all of them were tried, and nothing was changed by it', async () => {
    expect(cells).toBe(rows.length * projectProbes.length)
    for (const { name, id } of places.values()) {
      const { repo_count, metadata } = bodyOf<{ repo_count: number; metadata: object }>(
        await call('GET', `/projects/${id}`),
      )
      expect({ repo_count, metadata }).toEqual({ repo_count: 1, metadata: { public: String(name === 'public') } })
    }
  })

  it('cover every permission in projects that an operation asks for', () => {
    const all = new Set([...projectGrants, ...roles.flatMap((role) => rolePermissions[role])])
    const unserved = [...all].filter((permission) => !probed.has(permission))
    const resources = [...new Set(unserved.map((permission) => permission.split(':')[0]))].sort()
    expect(resources).toEqual([
      'configuration',
      'export-cve',
      'immutable-tag',
      'notification-policy',
      'preheat-policy',
      'repository',
      'sbom',
      'tag-retention',
    ])
    // A repository is made by the first push to it.
    expect(unserved.filter((permission) => permission.startsWith('repository:'))).toEqual(['repository:create'])
  })
})

describe('what somebody may do is told', () => {
  it.each(rows.filter(([title]) => roles.some((role) => title.startsWith(role))))(
    '%s in a %s project',
    async (title, kind) => {
      const path = `/users/current/permissions?scope=/project/${places.get(kind)?.id}&relative=true`
      const told = bodyOf<{ resource: string; action: string }[]>(
        await call('GET', path, { auth: users.get(title)?.auth }),
      ).map(({ resource, action }) => `${resource === '.' ? 'project' : resource}:${action}`)
      const { holds } = subjectOf(title, kind)
      const all = new Set([...roles.flatMap((role) => rolePermissions[role])])
      const known = [...all].filter((one) => holds(one) || (kind === 'public' && publicPermissions.includes(one)))
      expect(told.toSorted()).toEqual(known.sort())
    },
  )
})
