import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMember, createProject, createUser, roleIds, type TestUser } from '../accounts.ts'
import type { Answer } from '../client.ts'
import { pushImage } from '../content.ts'
import { sharedRegistry } from '../registry.ts'
import { bodyOf, caller, idOf } from './call.ts'
import { type Deeds, logIn, type Somebody, statuses } from './revocation.ts'
import { createRobot, grant, type TestRobot } from './robot.ts'

const registry = sharedRegistry()
const call = caller(registry)
let other: Awaited<ReturnType<ReturnType<typeof registry>['twin']>>

beforeAll(async () => {
  other = await registry().twin()
})
afterAll(() => other?.[Symbol.asyncDispose]())

interface Scene {
  readonly who: Somebody
  readonly deeds: Deeds
  /** Takes the right away, at the first server. */
  readonly revoke: () => Promise<Answer | undefined>
}

const nobody: Somebody = { name: '', password: undefined, session: false }
const person = ({ name }: TestUser): Somebody => ({ name, password: 'Passw0rd-of-tests', session: true })
const machine = ({ name, secret }: TestRobot): Somebody => ({ name, password: secret, session: false })
const pull = (project: string): Deeds => ({
  registry: ['GET', `/v2/${project}/app/manifests/v1`],
  api: ['GET', `/projects/${project}/repositories`],
})
const push = (project: string): Deeds => ({
  registry: ['POST', `/v2/${project}/app/blobs/uploads/`],
  api: ['PUT', `/projects/${project}/repositories/app`, '{"description":"x"}'],
})

async function projectWithImage(isPublic = false): Promise<string> {
  const name = `p${randomBytes(6).toString('hex')}`
  await createProject(registry(), name, isPublic)
  await pushImage(registry(), `${name}/app`, 'v1')
  return name
}

async function member(role: keyof typeof roleIds): Promise<{ project: string; user: TestUser; path: string }> {
  const project = await projectWithImage()
  const user = await createUser(registry())
  await addMember(registry(), project, user, role)
  const [found] = bodyOf<{ id: number }[]>(await call('GET', `/projects/${project}/members?entityname=${user.name}`))
  return { project, user, path: `/projects/${project}/members/${found?.id}` }
}

async function groupMember(): Promise<{ project: string; user: TestUser; group: number; path: string }> {
  const project = await projectWithImage()
  const user = await createUser(registry())
  const [row] = await registry().query<{ id: number }>(
    'insert into user_group (name, type) values ($1, 3) returning id::int',
    [project],
  )
  const group = row?.id ?? 0
  await registry().query('insert into user_group_member (user_id, group_id) values ($1, $2)', [user.id, group])
  const json = { role_id: roleIds.guest, member_group: { id: group } }
  const id = idOf(await call('POST', `/projects/${project}/members`, { json }))
  return { project, user, group, path: `/projects/${project}/members/${id}` }
}

async function robotIn(): Promise<{ project: string; robot: TestRobot; path: string }> {
  const project = await projectWithImage()
  const permissions = [grant(project, 'repository:pull', 'repository:list')]
  const robot = await createRobot(call, 'r', permissions, { level: 'project' })
  return { project, robot, path: `/robots/${robot.id}` }
}

const scenes: Readonly<Record<string, () => Promise<Scene>>> = {
  'a member who is removed': async () => {
    const { project, user, path } = await member('guest')
    return { who: person(user), deeds: pull(project), revoke: () => call('DELETE', path) }
  },
  'a member whose role becomes less': async () => {
    const { project, user, path } = await member('developer')
    const json = { role_id: roleIds.guest }
    return { who: person(user), deeds: push(project), revoke: () => call('PUT', path, { json }) }
  },
  'a user who is deleted': async () => {
    const { project, user } = await member('guest')
    return { who: person(user), deeds: pull(project), revoke: () => call('DELETE', `/users/${user.id}`) }
  },
  'a user whose password is changed': async () => {
    const { project, user } = await member('guest')
    const json = { new_password: 'An0ther-of-tests' }
    const revoke = () => call('PUT', `/users/${user.id}/password`, { json })
    return { who: person(user), deeds: pull(project), revoke }
  },
  'an administrator who is one no more': async () => {
    const user = await createUser(registry())
    const path = `/users/${user.id}/sysadmin`
    const deeds: Deeds = { ...push(await projectWithImage()), api: ['GET', '/users'] }
    expect((await call('PUT', path, { json: { sysadmin_flag: true } })).status).toBe(200)
    return { who: person(user), deeds, revoke: () => call('PUT', path, { json: { sysadmin_flag: false } }) }
  },
  'a group that is removed from the project': async () => {
    const { project, user, path } = await groupMember()
    return { who: person(user), deeds: pull(project), revoke: () => call('DELETE', path) }
  },
  'a group that is deleted': async () => {
    const { project, user, group } = await groupMember()
    return { who: person(user), deeds: pull(project), revoke: () => call('DELETE', `/usergroups/${group}`) }
  },
  'a user who has left the group': async () => {
    const { project, user, group } = await groupMember()
    const revoke = async () => {
      await registry().query('delete from user_group_member where group_id = $1', [group])
      return undefined
    }
    return { who: person(user), deeds: pull(project), revoke }
  },
  'an outsider, once the project is private': async () => {
    const project = await projectWithImage(true)
    const path = `/projects/${project}/metadatas/public`
    const revoke = () => call('PUT', path, { json: { public: 'false' } })
    return { who: person(await createUser(registry())), deeds: pull(project), revoke }
  },
  'nobody, once the project is private': async () => {
    const project = await projectWithImage(true)
    const json = { metadata: { public: 'false' } }
    return { who: nobody, deeds: pull(project), revoke: () => call('PUT', `/projects/${project}`, { json }) }
  },
  'a member, once the project is deleted': async () => {
    const name = `p${randomBytes(6).toString('hex')}`
    const user = await createUser(registry())
    await createProject(registry(), name)
    await addMember(registry(), name, user, 'maintainer')
    const deeds: Deeds = { registry: ['POST', `/v2/${name}/app/blobs/uploads/`], api: ['GET', `/projects/${name}`] }
    return { who: person(user), deeds, revoke: () => call('DELETE', `/projects/${name}`) }
  },
  'a robot that is disabled': async () => {
    const { project, robot, path } = await robotIn()
    const json = { ...bodyOf<object>(await call('GET', path)), disable: true }
    return { who: machine(robot), deeds: pull(project), revoke: () => call('PUT', path, { json }) }
  },
  'a robot whose secret is replaced': async () => {
    const { project, robot, path } = await robotIn()
    return { who: machine(robot), deeds: pull(project), revoke: () => call('PATCH', path, { json: {} }) }
  },
  'a robot that is deleted': async () => {
    const { project, robot, path } = await robotIn()
    return { who: machine(robot), deeds: pull(project), revoke: () => call('DELETE', path) }
  },
  'a robot that is granted less': async () => {
    const { project, robot, path } = await robotIn()
    const json = { ...bodyOf<object>(await call('GET', path)), permissions: [grant(project, 'tag:list')] }
    return { who: machine(robot), deeds: pull(project), revoke: () => call('PUT', path, { json }) }
  },
  'a robot whose days are over': async () => {
    const { project, robot } = await robotIn()
    const revoke = async () => {
      await registry().query('update robot set expires_at = now() where id = $1', [robot.id])
      return undefined
    }
    return { who: machine(robot), deeds: pull(project), revoke }
  },
}

/** Ends every connection to the database that is not at work. */
async function cutConnections(): Promise<void> {
  const ended = await registry().query(
    `select pg_terminate_backend(pid, 2000) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and state = 'idle'`,
  )
  expect(ended.length).toBeGreaterThan(0)
}

describe.each([
  ['', false],
  [', with the connections to the database cut in between', true],
] as const)('refused by another server at the next request%s', (_, cut) => {
  it.each(Object.entries(scenes))('%s', async (__, open) => {
    const { who, deeds, revoke } = await open()
    const attempts = await logIn(registry(), other.origin, who, deeds)
    const before = await statuses(attempts)
    expect(Object.keys(before).length).toBeGreaterThan(1)
    for (const status of Object.values(before)) expect(status).toBeOneOf([200, 202])
    const answer = await revoke()
    if (answer) expect(answer.status).toBe(200)
    if (cut) await cutConnections()
    const after = await statuses(attempts)
    for (const status of Object.values(after)) expect(status).toBeOneOf([401, 403, 404])
  })
})
