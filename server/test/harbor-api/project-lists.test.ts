import { beforeAll, describe, expect, it } from 'vitest'
import { addMember, createProject, createUser, type TestUser } from '../accounts.ts'
import { type Answer, basic } from '../client.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { bodyOf, caller, idOf, refusalOf } from './call.ts'
import { createRobot, grant } from './robot.ts'

const registry = sharedRegistry()
const call = caller(registry)
let member: TestUser
let robots: { readonly one: string; readonly all: string }

const names = (answer: Answer) => bodyOf<{ name: string }[]>(answer).map(({ name }) => name)
const list = (query: string, auth: string | undefined = admin) => call('GET', `/projects${query}`, { auth })

beforeAll(async () => {
  member = await createUser(registry())
  // Made in an order that is not their names'.
  for (const name of ['c-open', 'a_closed', 'b.odd.name', 'd-closed']) {
    await createProject(registry(), name, name === 'c-open')
  }
  idOf(await call('POST', '/projects', { json: { project_name: 'own' }, auth: member.auth }))
  await addMember(registry(), 'd-closed', member, 'limitedGuest')
  const [one, all] = await Promise.all(
    ['a_closed', '*'].map((where, n) => createRobot(call, `r${n}`, [grant(where, 'repository:pull')])),
  )
  robots = { one: one?.auth ?? '', all: all?.auth ?? '' }
})

const everything = ['a_closed', 'b.odd.name', 'c-open', 'd-closed', 'library', 'own']

describe('the list of projects', () => {
  it('holds what the caller may see', async () => {
    expect(names(await list(''))).toEqual(everything)
    expect(names(await list('', member.auth))).toEqual(['c-open', 'd-closed', 'library', 'own'])
    expect(names(await list('', robots.one))).toEqual(['a_closed', 'c-open', 'library'])
    expect(names(await list('', robots.all))).toEqual(everything)
    const anonymous = await call('GET', '/projects', { auth: undefined })
    expect(names(anonymous)).toEqual(['c-open', 'library'])
    expect(anonymous.headers['x-total-count']).toBe('2')
  })

  it('takes a wrong password for nobody', async () => {
    expect(names(await list('', basic(member.name, 'wrong')))).toEqual(['c-open', 'library'])
  })

  it('shows the caller’s own role', async () => {
    const roles = bodyOf<{ name: string; current_user_role_id?: number }[]>(await list('', member.auth))
    expect(Object.fromEntries(roles.map((one) => [one.name, one.current_user_role_id]))).toEqual({
      'c-open': undefined,
      'd-closed': 5,
      library: undefined,
      own: 1,
    })
  })

  it.each([
    ['?name=CLOSED', ['a_closed', 'd-closed']],
    ['?name=_c', ['a_closed']],
    ['?name=.', ['b.odd.name']],
    ['?name=nothing', []],
    ['?public=true', ['c-open', 'library']],
    ['?public=false', ['a_closed', 'b.odd.name', 'd-closed', 'own']],
    ['?owner=nobody', []],
    ['?q=name=own', ['own']],
    ['?q=name%3D~CLOSED', ['a_closed', 'd-closed']],
    ['?q=name=%7Bown%20library%7D', ['library', 'own']],
    ['?q=Public=true,Name=~lib', ['library']],
    ['?q=project_id=%5B1~1%5D', ['library']],
    ['?q=ProjectID=1', ['library']],
    ['?q=project_id=x', []],
    ['?q=unknown=1', everything],
    ['?sort=-name', everything.toReversed()],
    ['?sort=creation_time', ['library', 'c-open', 'a_closed', 'b.odd.name', 'd-closed', 'own']],
    ['?sort=unknown', everything],
    ['?sort=-unknown,-name', everything.toReversed()],
  ])('is filtered and sorted by %s', async (query, expected) => {
    const answer = await list(query)
    expect(names(answer)).toEqual(expected)
    expect(answer.headers['x-total-count']).toBe(String(expected.length))
  })

  it('finds those of an owner', async () => {
    expect(names(await list(`?owner=${member.name}`))).toEqual(['own'])
  })

  it('has no private projects for nobody, who asks for them', async () => {
    const answer = await call('GET', '/projects?public=false', { auth: undefined })
    expect([answer.status, answer.text, answer.headers['x-total-count']]).toEqual([200, '[]\n', '0'])
  })

  it.each([
    ['?page_size=2', ['a_closed', 'b.odd.name'], [['next', '?page=2&page_size=2']]],
    [
      '?page=2&page_size=2',
      ['c-open', 'd-closed'],
      [
        ['prev', '?page=1&page_size=2'],
        ['next', '?page=3&page_size=2'],
      ],
    ],
    ['?page=3&page_size=2', ['library', 'own'], [['prev', '?page=2&page_size=2']]],
    ['?page=4&page_size=2', [], []],
    ['?page_size=0', everything, []],
    ['?sort=-name&page_size=5&q=name%3D~o', ['own', 'd-closed', 'c-open', 'b.odd.name', 'a_closed'], []],
    ['?name=o&page_size=4', ['a_closed', 'b.odd.name', 'c-open', 'd-closed'], [['next', '?name=o&page=2&page_size=4']]],
  ])('has the page and links of %s', async (query, expected, links) => {
    const answer = await list(query)
    expect(names(answer)).toEqual(expected)
    const text = links.map(([rel, to]) => `</api/v2.0/projects${to}>; rel="${rel}"`).join(' , ')
    expect(answer.headers['link']).toBe(text === '' ? undefined : text)
  })

  it('has links that no client can break', async () => {
    const { headers } = await list('?page_size=1&name=o&q=name%3D%7Bown%20library%7D%2Cname%3D~%C3%A9%3E%2C%0D%0A')
    expect(headers['link']).toBeUndefined()
    const link = (await list('?page_size=1&x=%3E%2C%0D%0A%C3%A9')).headers['link']
    expect(link).toMatch(/^<[\x21-\x7e]+>; rel="next"$/)
    expect(link).not.toContain(',')
  })

  it.each([
    ['?page_size=101', 'page_size in query should be less than or equal to 100'],
    ['?page=x', 'page in query must be of type int64: "x"'],
    ['?page=99999999999999999999', 'page in query must be of type int64: "99999999999999999999"'],
  ])('is refused for %s', async (query, problem) => {
    const refusal = [422, 'UNPROCESSABLE_ENTITY', `validation failure list:\n${problem}`]
    expect(refusalOf(await list(query))).toEqual(refusal)
  })

  it.each([
    ['name', 'the query string must contain "=" and the key/value cannot be empty'],
    ['name=', 'the query string must contain "=" and the key/value cannot be empty'],
    ['name=[1', 'invalid query string value: [1'],
    ['name=[1~2~3]', 'invalid query string value: [1~2~3]'],
  ])('is refused for q=%s', async (q, sentence) => {
    expect(refusalOf(await list(`?q=${encodeURIComponent(q)}`))).toEqual([400, 'BAD_REQUEST', sentence])
  })
})

describe('asking whether a name is taken', () => {
  const head = (query: string, auth: string | undefined = admin) => call('HEAD', `/projects${query}`, { auth })

  it('is for who is logged in, members or not', async () => {
    expect((await head('?project_name=a_closed', member.auth)).status).toBe(200)
    expect((await head('?project_name=a_close', member.auth)).status).toBe(404)
    expect((await head('?project_name=12', member.auth)).status).toBe(404)
    expect((await call('HEAD', '/projects?project_name=library', { auth: undefined })).status).toBe(401)
    expect((await head('')).status).toBe(422)
  })
})
