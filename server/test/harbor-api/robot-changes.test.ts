import { beforeAll, describe, expect, it } from 'vitest'
import { addMember, createProject, createUser, type TestUser } from '../accounts.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { bodyOf, caller, idOf, refusalOf } from './call.ts'
import { createRobot, grant } from './robot.ts'

const registry = sharedRegistry()
const call = caller(registry)
let owner: TestUser
let project: number

const day = 86_400
const show = async (id: number) => bodyOf<Record<string, unknown>>(await call('GET', `/robots/${id}`))

beforeAll(async () => {
  owner = await createUser(registry())
  project = idOf(await call('POST', '/projects', { json: { project_name: 'team' }, auth: owner.auth }))
  await createProject(registry(), 'other')
})

describe('an update', () => {
  it('replaces permissions, and counts days from when the robot was made', async () => {
    const { id } = await createRobot(call, 'updated', [grant('team', 'repository:pull')])
    const before = await show(id)
    await registry().query(`update robot set created_at = created_at - interval '10 days' where id = $1`, [id])
    const permissions = [grant('/', 'project:create'), grant('*', 'tag:list'), grant('other', 'tag:list')]
    const put = (json: object) => call('PUT', `/robots/${id}`, { json: { ...before, ...json } })
    expect((await put({ duration: 30, description: 'new', permissions })).status).toBe(200)
    const after = await show(id)
    const made = Math.floor(Date.parse(String(after['creation_time'])) / 1000)
    expect(after).toMatchObject({ duration: 30, description: 'new', expires_at: made + 30 * day })
    expect(after['permissions']).toHaveLength(3)
    expect(after['permissions']).toEqual(expect.arrayContaining(permissions))
    expect((await put({ duration: null, permissions })).status).toBe(200)
    expect(await show(id)).toMatchObject({ duration: 30, expires_at: made + 30 * day })
  })

  it.each([
    ['the name', { name: 'robot$else' }, 400, 'cannot update the level or name of robot'],
    ['the name without its prefix', { name: 'fixed' }, 400, 'cannot update the level or name of robot'],
    ['the level', { level: 'system' }, 400, 'cannot update the level or name of robot'],
    ['the project', { permissions: [grant('other', 'tag:list')] }, 400, 'cannot update the project of a robot'],
    ['all permissions away', { permissions: [] }, 400, 'bad request empty permission'],
    [
      'the duration to none',
      { duration: 0 },
      400,
      'bad request error duration input: 0, duration must be either -1(Never) or a positive integer',
    ],
  ])('does not change %s', async (_, json, status, sentence) => {
    const find = async () =>
      bodyOf<{ id: number }[]>(await call('GET', `/robots?q=Level=project,ProjectID=${project},name=fixed`))[0]?.id
    const id =
      (await find()) ?? (await createRobot(call, 'fixed', [grant('team', 'tag:list')], { level: 'project' })).id
    const before = await show(id)
    const answer = await call('PUT', `/robots/${id}`, { json: { ...before, ...json } })
    expect([answer.status, refusalOf(answer)[2]]).toEqual([status, sentence])
    expect(await show(id)).toEqual(before)
  })

  it('is in the ledger, like all that is done with a robot', async () => {
    const { id } = await createRobot(call, 'told', [grant('team', 'tag:list')], { level: 'project' })
    await call('PUT', `/robots/${id}`, { json: { ...(await show(id)), disable: true } })
    await call('PATCH', `/robots/${id}`, { json: {} })
    await call('DELETE', `/robots/${id}`)
    const rows = await registry().query(
      `select action, detail ->> 'disabled' as disabled from ledger
       where object = 'robot team+told' and project_id = $1 order by id`,
      [project],
    )
    expect(rows).toEqual([
      { action: 'robot.create', disabled: null },
      { action: 'robot.update', disabled: 'true' },
      { action: 'robot.rotate', disabled: null },
      { action: 'robot.delete', disabled: null },
    ])
  })
})

describe('the list of robots', () => {
  const names = async (query: string, auth = admin) =>
    bodyOf<{ name: string }[]>(await call('GET', `/robots${query}`, { auth })).map(({ name }) => name)

  beforeAll(async () => {
    for (const name of ['list-b', 'list-a', 'list-c']) await createRobot(call, name, [grant('*', 'tag:list')])
    await createRobot(call, 'list-p', [grant('team', 'tag:list')], { level: 'project' })
    await createRobot(call, 'list-o', [grant('other', 'tag:list')], { level: 'project' })
  })

  it('holds those of the system, newest first, or those of one project', async () => {
    const listed = 'name=~list-'
    expect(await names(`?q=${listed}`)).toEqual(['robot$list-c', 'robot$list-a', 'robot$list-b'])
    expect(await names(`?q=level=system,${listed}&sort=name`)).toEqual(['robot$list-a', 'robot$list-b', 'robot$list-c'])
    expect(await names(`?q=Level=project,ProjectID=${project},${listed}`)).toEqual(['robot$team+list-p'])
    expect(await names(`?q=Level=project,ProjectID=${project},${listed}`, owner.auth)).toEqual(['robot$team+list-p'])
  })

  it('has pages', async () => {
    const answer = await call('GET', '/robots?q=name=~list-&sort=name&page=2&page_size=1')
    expect(bodyOf<object[]>(answer)).toMatchObject([{ name: 'robot$list-b' }])
    expect(answer.headers['x-total-count']).toBe('3')
    const link = (page: number) => `</api/v2.0/robots?page=${page}&page_size=1&q=name=~list-&sort=name>`
    expect(answer.headers['link']).toBe(`${link(1)}; rel="prev" , ${link(3)}; rel="next"`)
  })

  it('needs a project where it is asked for a project’s', async () => {
    const sentence = 'must with project ID when to query project robots'
    expect(refusalOf(await call('GET', '/robots?q=Level=project'))).toEqual([400, 'BAD_REQUEST', sentence])
  })

  it('is for those who may list robots there', async () => {
    const status = async (query: string, auth: string | undefined) =>
      (await call('GET', `/robots${query}`, { auth })).status
    expect(await status('', undefined)).toBe(401)
    expect(await status('', owner.auth)).toBe(403)
    expect(await status(`?q=Level=project,ProjectID=${await createProject(registry(), 'third')}`, owner.auth)).toBe(403)
    expect(await status('?q=Level=project,ProjectID=999999', owner.auth)).toBe(403)
    const guest = await createUser(registry())
    await addMember(registry(), 'team', guest, 'guest')
    expect(await status(`?q=Level=project,ProjectID=${project}`, guest.auth)).toBe(200)
  })
})

describe('a robot that makes robots', () => {
  it('gives no more than it has', async () => {
    const maker = await createRobot(call, 'maker', [
      grant('/', 'robot:create', 'project:create'),
      grant('team', 'robot:create', 'repository:pull', 'tag:list'),
    ])
    const make = (level: 'system' | 'project', ...permissions: object[]) =>
      call('POST', '/robots', {
        json: { name: `made-${permissions.length}${level}`, level, duration: 1, permissions },
        auth: maker.auth,
      })
    const made = await make('project', grant('team', 'repository:pull'))
    expect(await show(idOf(made))).toMatchObject({ creator_type: 'robot', creator_ref: maker.id })
    idOf(await make('system', grant('/', 'project:create'), grant('team', 'tag:list')))
    for (const beyond of [
      [grant('team', 'repository:push')],
      [grant('team', 'repository:pull', 'repository:delete')],
      [grant('*', 'repository:pull')],
      [grant('other', 'repository:pull')],
      [grant('/', 'user:list')],
      [grant('/', 'project:create'), grant('team', 'robot:delete')],
    ]) {
      const answer = await make('system', ...beyond)
      const sentence = /^permission scope is invalid\. It must be equal to or more restrictive than/
      expect([answer.status, refusalOf(answer)]).toEqual([403, [403, 'DENIED', expect.stringMatching(sentence)]])
    }
    expect((await make('project', grant('other', 'repository:pull'))).status).toBe(403)
  })

  it('may give in one project what it has in every one', async () => {
    const maker = await createRobot(call, 'wide', [grant('*', 'robot:create', 'tag:list')])
    const made = await createRobot(call, 'narrow', [grant('other', 'tag:list')], { level: 'project', auth: maker.auth })
    expect(made.name).toBe('robot$other+narrow')
  })

  it('makes no projects of its own without being the system’s', async () => {
    const own = await createRobot(call, 'own', [grant('team', 'project:read')], { level: 'project' })
    const refused = await call('POST', '/projects', { json: { project_name: 'robots' }, auth: own.auth })
    expect(refusalOf(refused)).toEqual([403, 'FORBIDDEN', 'Only system level robot can create project'])
    const system = await createRobot(call, 'founder', [grant('/', 'project:create')])
    idOf(await call('POST', '/projects', { json: { project_name: 'founded' }, auth: system.auth }))
    expect(bodyOf(await call('GET', '/projects/founded'))).toMatchObject({ owner_name: 'admin', owner_id: 1 })
  })
})
