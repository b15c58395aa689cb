import { beforeAll, describe, expect, it } from 'vitest'
import { addMember, createProject, createUser, type TestUser } from '../accounts.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { bodyOf, caller, idOf, refusalOf } from './call.ts'
import { mistakes, robotHolds, type Subject } from './permission-matrix.ts'
import type { Place } from './permission-probes.ts'
import { ownGrants, projectGrants, systemGrants } from './permission-table.ts'
import { createRobot, grant } from './robot.ts'
import { systemProbes } from './system-probes.ts'

const registry = sharedRegistry()
const call = caller(registry)
const probed = new Set(systemProbes.map(({ permission }) => permission))
const granted = systemGrants.filter((permission) => probed.has(permission))
const subjects = new Map<string, Subject>()
let place: Place
let owner: TestUser

const titles = [
  'administrator',
  'project administrator',
  'member of a group',
  'nobody',
  'robot with everything in every project',
  ...granted.map((permission) => `robot with ${permission}`),
]

beforeAll(async () => {
  const id = await createProject(registry(), 'some')
  const label = idOf(await call('POST', '/labels', { json: { name: 'there', scope: 'g' } }))
  const robot = await createRobot(call, 'there', [grant('/', 'user:list')])
  place = { name: 'some', id, label, robot: robot.id }
  owner = await createUser(registry())
  await addMember(registry(), 'some', owner, 'projectAdmin')
  const grouped = await createUser(registry())
  await registry().query(
    `with made as (insert into user_group (name, type) values ('crew', 3) returning id)
     insert into user_group_member (user_id, group_id) select $1, id from made`,
    [grouped.id],
  )
  const add = (title: string, auth: string | undefined, holds: Subject['holds']) =>
    subjects.set(title, { title, auth, holds })
  // Everybody with a name may make projects, unless that is restricted.
  const person: Subject['holds'] = (permission) => permission === 'project:create'
  add('administrator', admin, () => true)
  add('project administrator', owner.auth, person)
  add('member of a group', grouped.auth, person)
  add('nobody', undefined, () => false)
  const wide = await createRobot(call, 'wide', [grant('*', ...projectGrants)])
  add('robot with everything in every project', wide.auth, () => false)
  for (const [n, permission] of granted.entries()) {
    const { auth } = await createRobot(call, `r${n}`, [grant('/', permission)])
    add(`robot with ${permission}`, auth, robotHolds(permission))
  }
})

let cells = 0

describe(`${titles.length * systemProbes.length} cells of permissions in the system`, () => {
  it.each(titles)('%s', async (title) => {
    const subject = subjects.get(title)
    if (!subject) throw new Error(`there is no ${title}`)
    expect(await mistakes(registry(), systemProbes, subject, place, false)).toEqual([])
    cells += systemProbes.length
  })

  it('all of them were tried', () => {
    expect(cells).toBe(titles.length * systemProbes.length)
  })

  it('cover every permission that an operation asks for', () => {
    expect(systemGrants.filter((permission) => !probed.has(permission)).map((one) => one.split(':')[0])).toEqual(
      expect.arrayContaining(['registry', 'replication', 'scanner', 'purge-audit']),
    )
    const unserved = systemGrants.filter((permission) => !probed.has(permission))
    const served = /^(?:audit-log|label|quota|robot|system-volumes|garbage-collection|user|user-group|project|catalog):/
    // Lists of projects and labels are open to who is logged in, and show what may be seen.
    expect(unserved.filter((permission) => served.test(permission))).toEqual([
      'project:list',
      'label:read',
      'catalog:read',
      'quota:update',
    ])
  })
})

describe('what robots may be granted', () => {
  const pairs = (table: readonly string[]) =>
    table.toSorted().map((permission) => {
      const [resource, action] = permission.split(':')
      return { resource, action }
    })

  it('is told administrators of the system and of projects', async () => {
    expect(bodyOf(await call('GET', '/permissions'))).toEqual({
      project: pairs([...projectGrants, ...ownGrants]),
      system: pairs(systemGrants),
    })
    const seen = await call('GET', '/permissions', { auth: owner.auth })
    expect(bodyOf(seen)).toEqual({ project: pairs([...projectGrants, ...ownGrants]) })
  })

  it('is told nobody else', async () => {
    const sentence = 'forbidden: only admins(system and project) can access permissions'
    const other = await createUser(registry())
    const refused = await call('GET', '/permissions', { auth: other.auth })
    expect(refusalOf(refused)).toEqual([403, 'FORBIDDEN', sentence])
    expect((await call('GET', '/permissions', { auth: undefined })).status).toBe(401)
  })
})
