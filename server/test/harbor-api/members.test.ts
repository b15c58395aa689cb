import { beforeAll, describe, expect, it } from 'vitest'
import { createProject, createUser, type TestUser } from '../accounts.ts'
import { sharedRegistry } from '../registry.ts'
import { bodyOf, caller, idOf, refusalOf } from './call.ts'

const registry = sharedRegistry()
const call = caller(registry)
let project: number
let anna: TestUser
let bert: TestUser
let group: number

interface Member {
  readonly id: number
  readonly entity_name: string
}

const members = '/projects/team/members'
const add = (json: object, auth?: { auth: string | undefined }) => call('POST', members, { json, ...auth })
const names = async (query: string) =>
  bodyOf<Member[]>(await call('GET', `${members}${query}`)).map(({ entity_name }) => entity_name)

beforeAll(async () => {
  project = await createProject(registry(), 'team')
  anna = await createUser(registry(), 'anna')
  bert = await createUser(registry(), 'bert')
  const [row] = await registry().query<{ id: number }>(
    `insert into user_group (name, type) values ('crew', 3) returning id::int`,
  )
  group = row?.id ?? 0
})

describe('members', () => {
  it('are users by name or by id, and groups, each once', async () => {
    const made = await add({ role_id: 2, member_user: { username: 'anna' } })
    const id = idOf(made)
    expect(made.headers.location).toBe(`/api/v2.0${members}/${id}`)
    idOf(await add({ role_id: 3, member_user: { user_id: bert.id } }))
    const groupMember = idOf(await add({ role_id: 5, member_group: { id: group } }))
    for (const again of [
      { role_id: 4, member_user: { user_id: anna.id } },
      { role_id: 1, member_group: { group_name: 'crew', group_type: 3 } },
    ]) {
      const refusal = [409, 'CONFLICT', 'The project member specified already exist']
      expect(refusalOf(await add(again))).toEqual(refusal)
    }
    expect(bodyOf(await call('GET', `${members}/${id}`))).toEqual({
      id,
      project_id: project,
      entity_name: 'anna',
      entity_id: anna.id,
      entity_type: 'u',
      role_id: 2,
      role_name: 'developer',
    })
    expect(bodyOf(await call('GET', `/projects/${project}/members/${groupMember}`))).toMatchObject({
      entity_name: 'crew',
      entity_id: group,
      entity_type: 'g',
      role_name: 'limitedGuest',
    })
  })

  it('are listed by name, in pages, and found by a part of it', async () => {
    expect(await names('')).toEqual(['admin', 'anna', 'bert', 'crew'])
    expect(await names('?entityname=N')).toEqual(['anna', 'admin'].sort())
    expect(await names('?entityname=%25')).toEqual([])
    const page = await call('GET', `${members}?page=2&page_size=2`)
    expect(bodyOf<Member[]>(page).map(({ entity_name }) => entity_name)).toEqual(['bert', 'crew'])
    expect(page.headers['x-total-count']).toBe('4')
    expect(page.headers['link']).toBe(`</api/v2.0${members}?page=1&page_size=2>; rel="prev"`)
  })

  it('have the role that they were given last, until they are removed', async () => {
    const cara = await createUser(registry(), 'cara')
    const id = idOf(await add({ role_id: 3, member_user: { username: 'cara' } }))
    const update = () => call('PUT', '/projects/team', { json: {}, auth: cara.auth })
    expect((await update()).status).toBe(403)
    expect((await call('PUT', `${members}/${id}`, { json: { role_id: 1 } })).status).toBe(200)
    expect((await update()).status).toBe(200)
    expect((await call('DELETE', `${members}/${id}`, { auth: cara.auth })).status).toBe(200)
    expect((await call('GET', '/projects/team', { auth: cara.auth })).status).toBe(403)
    const gone = [404, 'NOT_FOUND', `project member ${id} not found`]
    expect(refusalOf(await call('GET', `${members}/${id}`))).toEqual(gone)
    expect(refusalOf(await call('DELETE', `${members}/${id}`))).toEqual(gone)
  })

  it('of one project are not those of another', async () => {
    await createProject(registry(), 'others')
    const [mine] = bodyOf<Member[]>(await call('GET', `${members}?entityname=anna`))
    for (const [method, json] of [
      ['GET', undefined],
      ['PUT', { role_id: 1 }],
      ['DELETE', undefined],
    ] as const) {
      expect((await call(method, `/projects/others/members/${mine?.id}`, { json })).status).toBe(404)
    }
    expect(await names('?entityname=anna')).toEqual(['anna'])
  })

  it('get the roles of their groups, and the strongest is shown first', async () => {
    const dora = await createUser(registry(), 'dora')
    const join = 'insert into user_group_member (group_id, user_id) values ($1, $2), ($1, $3)'
    await registry().query(join, [group, bert.id, dora.id])
    const roles = async ({ auth }: TestUser) =>
      bodyOf<{ current_user_role_ids: number[] }>(await call('GET', '/projects/team', { auth })).current_user_role_ids
    expect(await roles(bert)).toEqual([3, 5])
    expect(await roles(dora)).toEqual([5])
  })

  it('who were deleted are none', async () => {
    const emil = await createUser(registry(), 'emil')
    const id = idOf(await add({ role_id: 3, member_user: { username: 'emil' } }))
    expect((await call('DELETE', `/users/${emil.id}`)).status).toBe(200)
    expect(await names('?entityname=emil')).toEqual([])
    expect((await call('GET', `${members}/${id}`)).status).toBe(404)
  })

  it.each([
    ['a role that is none', { role_id: 6, member_user: { username: 'admin' } }, 400, /role is not in 1,2,3/],
    ['no role', { member_user: { username: 'admin' } }, 400, /role is not in 1,2,3/],
    ['nobody', { role_id: 2 }, 400, /member_user or member_group/],
    ['an unknown name', { role_id: 2, member_user: { username: 'zoe' } }, 404, /user zoe not found/],
    ['an unknown id', { role_id: 2, member_user: { user_id: 999_999 } }, 404, /user 999999 not found/],
    [
      'an unknown group',
      { role_id: 2, member_group: { group_name: 'none', group_type: 3 } },
      404,
      /group none not found/,
    ],
    ['a role that is no number', { role_id: '2' }, 422, /role_id in body must be of type integer/],
  ])('are not made of %s', async (_, json, status, sentence) => {
    const answer = await add(json)
    expect([answer.status, refusalOf(answer)[2]]).toEqual([status, expect.stringMatching(sentence)])
  })

  it('are in the ledger with every change', async () => {
    await createProject(registry(), 'kept')
    const made = await call('POST', '/projects/kept/members', {
      json: { role_id: 2, member_user: { username: 'anna' } },
    })
    await call('PUT', `/projects/kept/members/${idOf(made)}`, { json: { role_id: 3 } })
    await call('DELETE', `/projects/kept/members/${idOf(made)}`)
    const rows = await registry().query(
      `select action, detail from ledger where object = 'project kept' and action like 'member.%' order by id`,
    )
    expect(rows).toEqual([
      { action: 'member.create', detail: { member: 'user:anna', role: 'developer' } },
      { action: 'member.update', detail: { member: 'user:anna', role: 'guest' } },
      { action: 'member.delete', detail: { member: 'user:anna' } },
    ])
  })
})
