import { describe, expect, it } from 'vitest'
import { createUser } from '../accounts.ts'
import { type Answer, basic, errorOf } from '../client.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { bodyOf, caller, idOf } from './call.ts'
import { createRobot, grant } from './robot.ts'

const registry = sharedRegistry()
const call = caller(registry)
const password = 'Passw0rd-of-tests'
const weak =
  'the password or secret must be 8-128, inclusively, characters long with at least 1 uppercase letter, 1 lowercase letter and 1 number'

async function get(path: string, auth: string | undefined = admin): Promise<unknown> {
  return bodyOf(await call('GET', path, { auth }))
}

/** Status, and the only sentence. */
const told = (answer: Answer) => [answer.status, errorOf(answer).message]

describe('making users', () => {
  const eve = { username: 'eve', email: 'eve@example.com', realname: 'Eve', comment: 'new', password }

  it('answers with the place of the user, whom it shows as Harbor does', async () => {
    const made = await call('POST', `/users/`, { json: eve })
    expect([made.status, made.text]).toEqual([201, ''])
    expect(made.headers.location).toMatch(/^\/api\/v2\.0\/users\/\d+$/)
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(await get(`/users/${idOf(made)}`)).toEqual({
      admin_role_in_auth: false,
      comment: 'new',
      creation_time: time,
      email: 'eve@example.com',
      realname: 'Eve',
      sysadmin_flag: false,
      update_time: time,
      user_id: Number(made.headers.location?.split('/').at(-1)),
      username: 'eve',
    })
    const rows = await registry().query(`select actor, action, detail from ledger where object = 'user eve'`)
    expect(rows).toEqual([{ actor: 'user:admin', action: 'user.create', detail: null }])
  })

  it('makes nobody twice, by name or e-mail address', async () => {
    const again = await call('POST', '/users', { json: { ...eve, username: 'EVE', email: 'other@example.com' } })
    expect(told(again)).toEqual([409, 'user EVE or email other@example.com already exists'])
    const mail = await call('POST', '/users', { json: { ...eve, username: 'eve2' } })
    expect(told(mail)).toEqual([409, 'user eve2 or email eve@example.com already exists'])
  })

  it.each<[string, object, string]>([
    ['a short password', { password: 'Passw0r' }, weak],
    ['a long password', { password: `Aa1${'x'.repeat(126)}` }, weak],
    ['a password without a digit', { password: 'Password-of-tests' }, weak],
    ['a password without a capital', { password: 'passw0rd-of-tests' }, weak],
    ['no password', { password: null }, weak],
    ['no e-mail address', { email: '' }, "email can't be empty"],
    ['a bad e-mail address', { email: 'fay@example' }, 'email with illegal format'],
    ['no real name', { realname: '' }, 'realname with illegal length'],
    ['signs in the real name', { realname: 'Fay #1' }, 'realname contains illegal characters'],
    ['a long comment', { comment: 'x'.repeat(31) }, 'comment with illegal length'],
    ['no name', { username: '' }, 'username with illegal length'],
    ['signs in the name', { username: 'fay$' }, 'username contains illegal characters'],
    ['a colon in the name', { username: 'fay:x' }, 'username contains illegal characters'],
  ])('refuses %s', async (_, changed, message) => {
    const fay = { username: 'fay', email: 'fay@example.com', realname: 'Fay', password }
    expect(told(await call('POST', '/users', { json: { ...fay, ...changed } }))).toEqual([400, message])
  })

  it('is for administrators, unless people may register themselves, which programs may not', async () => {
    const user = await createUser(registry())
    const body = { ...eve, username: 'gus', email: 'gus@example.com' }
    const anonymous = { json: body, auth: undefined }
    expect(told(await call('POST', '/users', anonymous))).toEqual([401, 'unauthorized'])
    expect(told(await call('POST', '/users', { json: body, auth: user.auth }))).toEqual([403, user.name])
    await call('PUT', '/configurations', { json: { self_registration: true } })
    expect(told(await call('POST', '/users', anonymous))).toEqual([
      403,
      'self-registration cannot be triggered via API',
    ])
    expect((await call('POST', '/users', { json: body })).status).toBe(201)
    await call('PUT', '/configurations', { json: { self_registration: false } })
  })
})

it('lists users by name, by query, sorted and in pages, without the first administrator', async () => {
  for (const name of ['zeta-b', 'zeta-a', 'zeta-c']) await createUser(registry(), name)
  const names = async (query: string) =>
    ((await get(`/users?${query}`)) as { username: string }[]).map(({ username }) => username)
  expect(await names('username=ETA-&sort=username')).toEqual(['zeta-a', 'zeta-b', 'zeta-c'])
  expect(await names('q=username%3D~zeta&sort=-username&page_size=2')).toEqual(['zeta-c', 'zeta-b'])
  expect(await names('q=email%3Dzeta-b%40example.com')).toEqual(['zeta-b'])
  expect(await names('q=sysadmin_flag%3Dtrue')).toEqual([])
  expect(await names('q=user_id%3D1')).toEqual(['admin'])
  const page = await call('GET', `/users?username=zeta&sort=username&page=2&page_size=2`)
  expect(page.headers['x-total-count']).toBe('3')
  expect(page.headers['link']).toContain('rel="prev"')
})

it('lists users to administrators only, and lets everybody look names up', async () => {
  const user = await createUser(registry(), 'hilde')
  expect((await call('GET', '/users', { auth: user.auth })).status).toBe(403)
  expect((await call('GET', `/users/search?username=hil`, { auth: undefined })).status).toBe(401)
  expect(await get('/users/search?username=HIL', user.auth)).toEqual([{ user_id: user.id, username: 'hilde' }])
  expect(await get(`/users/search?username=admin`, user.auth)).toEqual([])
})

it('tells people who they are', async () => {
  const user = await createUser(registry())
  expect(await get(`/users/current`, user.auth)).toMatchObject({ user_id: user.id, username: user.name })
  expect(await get(`/users/current`)).toMatchObject({ user_id: 1, sysadmin_flag: true })
  for (const auth of [undefined, basic(user.name, 'wrong')]) {
    expect(told(await call('GET', `/users/current`, { auth }))).toEqual([401, 'unauthorized'])
  }
})

it('lets a robot do what it was granted, and tells it that it is no user', async () => {
  const robot = await createRobot(call, 'people', [grant('/', 'user:list')])
  expect((await call('GET', '/users', { auth: robot.auth })).status).toBe(200)
  expect((await call('DELETE', '/users/999999', { auth: robot.auth })).status).toBe(403)
  expect(told(await call('GET', '/users/current', { auth: robot.auth }))).toEqual([
    412,
    'get current user not available for security context: robot',
  ])
})

it('shows a user to itself and to administrators', async () => {
  const [user, other] = [await createUser(registry()), await createUser(registry())]
  expect(await get(`/users/${user.id}`, user.auth)).toMatchObject({ username: user.name })
  const answer = await call('GET', `/users/${user.id}`, { auth: other.auth })
  expect(told(answer)).toEqual([403, `Not authorized to read user: ${user.id}`])
  expect(told(await call('GET', `/users/999999`))).toEqual([404, 'user 999999 not found'])
})

it('deletes users, whose names are then free, but neither oneself nor the first administrator', async () => {
  const user = await createUser(registry(), 'jo')
  expect(told(await call('DELETE', `/users/1`))).toEqual([403, 'User with ID 1 cannot be deleted'])
  const denied = await call('DELETE', `/users/${user.id}`, { auth: user.auth })
  expect(told(denied)).toEqual([403, 'Not authorized to delete users'])
  expect((await call('PUT', `/users/${user.id}/sysadmin`, { json: { sysadmin_flag: true } })).status).toBe(200)
  const self = await call('DELETE', `/users/${user.id}`, { auth: user.auth })
  expect(told(self)).toEqual([403, `User with ID ${user.id} cannot be deleted`])
  expect((await call('DELETE', `/users/${user.id}`)).status).toBe(200)
  expect((await call('DELETE', `/users/${user.id}`)).status).toBe(404)
  expect((await registry().ask('GET', '/v2/', { auth: user.auth })).status).toBe(401)
  expect((await createUser(registry(), 'jo')).id).not.toBe(user.id)
})
