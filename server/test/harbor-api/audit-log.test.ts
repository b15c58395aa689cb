import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { addMember, createProject, createUser, type TestUser } from '../accounts.ts'
import { basic, errorOf } from '../client.ts'
import { pushImage } from '../content.ts'
import { sharedRegistry } from '../registry.ts'
import { brief, logReader, q } from './audit-log.ts'
import { caller } from './call.ts'
import { createRobot, grant } from './robot.ts'

const registry = sharedRegistry()
const { ask, counted, entries } = logReader(registry)
const api = '/api/v2.0'

let outsider: TestUser
let head: TestUser
let image: Awaited<ReturnType<typeof pushImage>>

beforeAll(async () => {
  await createProject(registry(), 'one')
  await createProject(registry(), 'two')
  outsider = await createUser(registry(), 'outsider')
  head = await createUser(registry(), 'head')
  await addMember(registry(), 'one', head, 'projectAdmin')
  await addMember(registry(), 'two', head, 'maintainer')
  image = await pushImage(registry(), 'one/app', 'v1')
  await pushImage(registry(), 'two/app', 'v1')
  await registry().ask('GET', '/v2/one/app/manifests/v1', { auth: head.auth })
  await registry().ask('GET', `/v2/one/app/manifests/${image.digest}`)
  while ((await registry().query('select from pull')).length < 2) await wait(10)
  await registry().ask('GET', '/v2/one/app/manifests/v1', { auth: outsider.auth })
  await ask('/quotas', outsider)
  await registry().ask('DELETE', '/v2/one/app/manifests/v1')
  await registry().ask('DELETE', `/v2/one/app/manifests/${image.digest}`)
})

describe('of a project', () => {
  it('holds what happened, newest first, in the words of Harbor', async () => {
    const found = await entries('/projects/one/auditlog-exts?page_size=100')
    const described = found.map((entry) => [brief(entry), entry.operation_description, entry.operation_result])
    const app = `one/app@${image.digest}`
    expect(described.filter(([text]) => !String(text).includes(' member '))).toEqual([
      [`admin: delete artifact ${app}`, `delete artifact: ${app}`, true],
      ['admin: delete tag one/app:v1', 'delete tag: one/app:v1', true],
      ['outsider: pull artifact one/app', 'pull artifact: one/app', false],
      [`admin: pull artifact ${app}`, `pull artifact: ${app}`, true],
      ['head: pull artifact one/app:v1', `pull artifact: ${app}`, true],
      ['admin: create artifact one/app:v1', `push artifact: ${app}`, true],
      ['admin: create project one', 'create project: one', true],
    ])
    expect(found[0]).toEqual({
      id: expect.any(Number),
      op_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/),
      username: 'admin',
      operation: 'delete',
      operation_description: `delete artifact: ${app}`,
      operation_result: true,
      resource: app,
      resource_type: 'artifact',
    })
  })

  it('is for those who may list it', async () => {
    expect(await entries('/projects/one/auditlog-exts', head)).not.toEqual([])
    for (const [path, auth, status] of [
      ['/projects/two/auditlog-exts', head.auth, 403],
      ['/projects/one/auditlog-exts', outsider.auth, 403],
      ['/projects/one/auditlog-exts', undefined, 401],
      ['/projects/two/logs', head.auth, 403],
    ] as const) {
      expect([path, (await ask(path, { auth })).status]).toEqual([path, status])
    }
  })
})

describe('of the whole registry', () => {
  it('shows administrators everything, and others what their projects allow', async () => {
    const resources = async (auth?: { auth: string }) =>
      (await entries('/auditlog-exts?page_size=100', auth)).map(({ resource }) => resource)
    const all = await resources()
    expect(all).toEqual(expect.arrayContaining(['one/app:v1', 'two/app:v1', 'two', 'head']))
    const own = await resources(head)
    expect(own).toContain('one/app:v1')
    expect(own.filter((resource) => !/^one(?:\/|$)/.test(resource))).toEqual([])
    expect(await resources(outsider)).toEqual([])
    const anonymous = await ask('/auditlog-exts', { auth: undefined })
    expect([anonymous.status, errorOf(anonymous)]).toEqual([401, { code: 'UNAUTHORIZED', message: '' }])
  })

  it('shows robots what they were granted', async () => {
    const call = caller(registry)
    const resources = async (name: string, ...permissions: Parameters<typeof createRobot>[2]) => {
      const { auth } = await createRobot(call, name, permissions)
      return (await entries('/auditlog-exts?page_size=100', { auth })).map(({ resource }) => resource)
    }
    expect(await resources('none', grant('one', 'repository:pull'))).toEqual([])
    const one = await resources('one', grant('one', 'log:list'))
    expect(one).toContain('one/app:v1')
    expect(one.filter((resource) => !/^one(?:\/|$)/.test(resource))).toEqual([])
    const every = await resources('every', grant('*', 'log:list'))
    expect(every).toEqual(expect.arrayContaining(['one/app:v1', 'two/app:v1']))
    expect(every).not.toContain('head')
    expect(await resources('all', grant('/', 'audit-log:list'))).toContain('head')
  })

  it('holds accounts, and what was refused', async () => {
    const [made] = await entries(`/auditlog-exts?${q('resource_type=user', 'operation=create', 'resource=head')}`)
    expect(made).toMatchObject({ username: 'admin', operation_description: 'create user with name: head' })
    await registry().ask('GET', `${api}/projects`, { auth: basic('head', 'wrong') })
    const [login] = await entries(`/auditlog-exts?${q('operation=login', 'operation_result=false')}`)
    expect(login).toMatchObject({
      username: 'head',
      resource: 'head',
      resource_type: 'user',
      operation_description: 'login',
    })
    await registry().ask('PUT', `${api}/configurations`, { auth: outsider.auth, body: '{}' })
    const [configuration] = await entries(`/auditlog-exts?${q('resource_type=configuration')}`)
    expect(configuration).toMatchObject({
      username: 'outsider',
      operation: 'update',
      operation_description: 'update configuration',
      operation_result: false,
      resource: 'configuration',
    })
  })

  it('leaves out blobs, and refusals to look at something', async () => {
    const found = await entries('/auditlog-exts?page_size=100')
    expect(found.filter(({ resource_type, operation }) => resource_type === 'blob' || operation === 'list')).toEqual([])
    expect((await registry().query(`select from ledger where action like 'blob.%'`)).length).toBeGreaterThan(0)
    expect((await registry().query(`select from refusal where action = 'quota:list'`)).length).toBeGreaterThan(0)
  })

  it('names robots as they log in', async () => {
    await registry().query(
      `insert into ledger (actor, credential, address, request_id, action, object)
       values ('robot:one+ci', 'basic', '', '', 'robot.rotate', 'robot one+ci')`,
    )
    const [entry] = await entries(`/auditlog-exts?${q('resource_type=robot')}`)
    expect(entry && brief(entry)).toBe('robot$one+ci: update robot robot$one+ci')
  })
})

it('has nothing in the log that Harbor kept before, and tells which events there are', async () => {
  for (const path of ['/audit-logs', '/projects/one/logs']) {
    expect(await counted(path)).toEqual({ page: [], total: 0, link: '' })
  }
  expect((await ask('/audit-logs', { auth: undefined })).status).toBe(401)
  const events = JSON.parse((await ask('/auditlog-exts/events', outsider)).text)
  expect(events).toHaveLength(14)
  expect(events[0]).toEqual({ event_type: 'create_artifact' })
  expect((await ask('/auditlog-exts/events', { auth: undefined })).status).toBe(401)
})
