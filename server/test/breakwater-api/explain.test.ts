import { expect, it } from 'vitest'
import { addMember, createProject, createUser } from '../accounts.ts'
import { basic } from '../client.ts'
import { sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()

interface Answer {
  readonly allowed: boolean
  readonly basis?: string
  readonly because: string
  readonly checked: readonly { grant: string; held: boolean; detail: string }[]
}

async function ask(who: string, action: string, on: string, auth?: { auth: string | undefined }) {
  const query = new URLSearchParams({ who, action, on })
  const answer = await registry().ask('GET', `/api/breakwater/v1/access/explain?${query}`, auth)
  return { ...answer, json: JSON.parse(answer.text) as Answer }
}

async function createRobot(name: string, project: string, actions: readonly string[], duration = -1) {
  const access = actions.map((action) => ({ resource: 'repository', action }))
  const body = { name, level: 'project', duration, permissions: [{ kind: 'project', namespace: project, access }] }
  const headers = { 'content-type': 'application/json' }
  const answer = await registry().ask('POST', '/api/v2.0/robots', { headers, body: JSON.stringify(body) })
  expect(answer.status).toBe(201)
  return JSON.parse(answer.text) as { id: number; name: string; secret: string }
}

it('names the role that decides, and those that would do', async () => {
  await createProject(registry(), 'roles')
  const user = await createUser(registry(), 'dora')
  expect((await ask('dora', 'pull', 'roles')).json).toMatchObject({
    allowed: false,
    because:
      'User dora is no system administrator. User dora is not a member of project roles, neither in person nor through a group. Project roles is not public.',
  })
  await addMember(registry(), 'roles', user, 'guest')
  expect((await ask('user:dora', 'pull', 'roles/app')).json).toMatchObject({
    allowed: true,
    basis: 'role 3',
    who: 'user:dora',
    permission: 'repository:pull',
    on: 'roles/app',
    because: 'User dora is guest of project roles, and that role holds repository:pull.',
    checked: [
      { grant: 'system administrator', held: false },
      { grant: 'role guest', held: true },
      { grant: 'public project', held: false },
    ],
  })
  const push = await ask('dora', 'push', 'roles')
  expect(push.json.allowed).toBe(false)
  expect(push.json.because).toContain(
    'that role does not hold repository:push (projectAdmin, maintainer, developer do)',
  )
})

it('names the group that a role comes from', async () => {
  const project = await createProject(registry(), 'grouped')
  const user = await createUser(registry(), 'gina')
  await registry().query(
    `with g as (insert into user_group (name, type) values ('ops', 3) returning id),
       m as (insert into member (project_id, group_id, role_id) select $1, id, 4 from g)
     insert into user_group_member (user_id, group_id) select $2, id from g`,
    [project, user.id],
  )
  const { json } = await ask('gina', 'delete', 'grouped')
  expect(json).toMatchObject({ allowed: true, basis: 'role 4' })
  expect(json.because).toBe(
    'User gina is maintainer of project grouped through the group ops, and that role holds repository:delete.',
  )
})

it('tells administrators, public projects and nobody apart', async () => {
  await createProject(registry(), 'private')
  expect((await ask('admin', 'push', 'private')).json).toMatchObject({ allowed: true, basis: 'system administrator' })
  expect((await ask('anonymous', 'pull', 'library')).json).toMatchObject({ allowed: true, basis: 'public project' })
  expect((await ask('anonymous', 'push', 'library')).json.allowed).toBe(false)
  expect((await ask('anonymous', 'pull', 'private')).json.because).toBe('Project private is not public.')
  expect((await ask('admin', 'user:create', 'system')).json.allowed).toBe(true)
  expect((await ask('anonymous', 'user:create', 'system')).json.because).toContain('takes a login')
})

it('names what a robot is granted, and why it is not let in at all', async () => {
  await createProject(registry(), 'bots')
  const robot = await createRobot('ci', 'bots', ['push'])
  expect(robot.name).toBe('robot$bots+ci')
  expect((await ask('robot$bots+ci', 'pull', 'bots')).json).toMatchObject({
    allowed: true,
    basis: 'robot grant',
    because: 'Robot bots+ci is granted repository:push in project bots, which implies repository:pull.',
  })
  expect((await ask('robot:bots+ci', 'push', 'bots')).json.allowed).toBe(true)
  expect((await ask('robot$bots+ci', 'artifact:delete', 'bots')).json.because).toContain(
    'is not granted artifact:delete in project bots: it is granted only repository:push there.',
  )
  expect((await ask('robot$bots+ci', 'user:list', 'system')).json.because).toContain('is granted nothing there')
  await registry().query(`update robot set expires_at = '2026-01-02T03:04:05Z' where id = $1`, [robot.id])
  expect((await ask('robot$bots+ci', 'push', 'bots')).json).toMatchObject({
    allowed: false,
    because: 'Robot bots+ci expired on 2026-01-02T03:04:05.000Z.',
  })
  await registry().query('update robot set disabled = true where id = $1', [robot.id])
  expect((await ask('robot$bots+ci', 'push', 'bots')).json.because).toBe('Robot bots+ci is disabled.')
  expect((await ask('robot$bots+other', 'push', 'bots')).json.because).toBe('Robot bots+other does not exist.')
})

it('tells accounts and projects that are not there', async () => {
  const user = await createUser(registry(), 'gone')
  expect((await registry().ask('DELETE', `/api/v2.0/users/${user.id}`)).status).toBe(200)
  expect((await ask('gone', 'pull', 'library')).json.because).toMatch(/^User gone was deleted on 2\d{3}-/)
  expect((await ask('who-is-this', 'pull', 'library')).json.because).toBe('User who-is-this does not exist.')
  expect((await ask('admin', 'pull', 'no-such')).json.because).toBe('There is no project no-such.')
})

it('answers only whom it concerns', async () => {
  await createProject(registry(), 'mine')
  await createProject(registry(), 'secret')
  const owner = await createUser(registry(), 'olga')
  const member = await createUser(registry(), 'mike')
  await addMember(registry(), 'mine', owner, 'projectAdmin')
  await addMember(registry(), 'mine', member, 'maintainer')
  await createRobot('hidden', 'secret', ['pull'])

  expect((await ask('mike', 'pull', 'mine', owner)).json.allowed).toBe(true)
  expect((await ask('robot$secret+hidden', 'pull', 'mine', owner)).json.because).toContain('does not exist')
  expect((await ask('robot$secret+hidden', 'pull', 'mine')).json.because).toContain('is granted nothing there')
  for (const on of ['library', 'secret', 'no-such', 'system']) {
    expect((await ask('mike', on === 'system' ? 'user:list' : 'pull', on, owner)).status).toBe(403)
  }
  expect((await ask('olga', 'pull', 'mine', member)).status).toBe(403)
  expect((await ask('mike', 'push', 'mine', member)).json.allowed).toBe(true)
  expect((await ask('mike', 'pull', 'mine', { auth: undefined })).status).toBe(401)
  expect((await ask('anonymous', 'pull', 'library', { auth: undefined })).json.allowed).toBe(true)
  expect(
    await registry().query(`select count(*) as n, project_id is null as hidden from refusal
      where action = 'access:explain' and actor = 'user:mike' group by 2`),
  ).toEqual([{ n: 1, hidden: false }])
})

it('does not tell which projects there are', async () => {
  await createProject(registry(), 'unseen')
  const user = await createUser(registry(), 'nosy')
  for (const auth of [user, { auth: undefined }]) {
    const who = auth === user ? 'nosy' : 'anonymous'
    const [there, missing] = [await ask(who, 'pull', 'unseen', auth), await ask(who, 'pull', 'missing', auth)]
    expect(there.status).toBe(200)
    expect(there.text.replaceAll('unseen', 'missing')).toBe(missing.text)
  }
})

it('takes no wrong password for an answer, and no question that it does not know', async () => {
  expect((await ask('admin', 'pull', 'library', { auth: basic('admin', 'wrong') })).status).toBe(401)
  const unknown = await ask('admin', 'repository:frobnicate', 'library')
  expect(unknown.status).toBe(400)
  expect(unknown.text).toContain('repository knows repository:create, ')
  expect((await ask('admin', 'pull', 'system')).status).toBe(400)
  expect((await ask('', 'pull', 'library')).status).toBe(400)
  expect((await registry().ask('GET', '/api/breakwater/v1/nothing')).status).toBe(404)
  expect((await registry().ask('POST', '/api/breakwater/v1/access/explain')).status).toBe(404)
})
