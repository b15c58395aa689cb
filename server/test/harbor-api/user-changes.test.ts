import { describe, expect, it } from 'vitest'
import { addMember, createProject, createUser, type TestUser, tokenFor } from '../accounts.ts'
import { type Answer, basic, errorOf } from '../client.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { bodyOf, caller } from './call.ts'

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

describe('profiles', () => {
  const changed = { email: 'ida@example.org', realname: 'Ida', comment: 'moved' }

  it('are changed by their user and by administrators, with a record', async () => {
    const [user, other] = [await createUser(registry()), await createUser(registry())]
    const path = `/users/${user.id}`
    expect((await call('PUT', path, { json: changed, auth: user.auth })).status).toBe(200)
    expect(await get(path)).toMatchObject(changed)
    expect((await call('PUT', path, { json: { ...changed, realname: 'Ida B' } })).status).toBe(200)
    expect(told(await call('PUT', path, { json: changed, auth: other.auth }))).toEqual([
      403,
      `User with ID ${user.id} can't be updated`,
    ])
    const rows = await registry().query(
      `select actor from ledger where object = $1 and action = 'user.update' order by id`,
      [`user ${user.name}`],
    )
    expect(rows.map(({ actor }) => actor)).toEqual([`user:${user.name}`, 'user:admin'])
    const taken = await call('PUT', `/users/${other.id}`, { json: { ...changed, email: 'IDA@example.org' } })
    expect(told(taken)).toEqual([409, 'email IDA@example.org already exists'])
  })

  it('keep the rules for new users', async () => {
    expect(told(await call('PUT', `/users/999999`, { json: changed }))).toEqual([404, 'user with id 999999 not found'])
    expect(told(await call('PUT', `/users/1`, { json: { ...changed, email: '' } }))).toEqual([
      400,
      "email can't be empty",
    ])
  })
})

describe('passwords', () => {
  const path = ({ id }: TestUser) => `/users/${id}/password`
  const next = 'An0ther-of-tests'

  it('are changed by who knows the old one, which ends at once wherever it was remembered', async () => {
    const user = await createUser(registry())
    const token = await tokenFor(registry(), user.auth, 'repository:library/x:pull')
    expect((await registry().ask('GET', '/v2/', { auth: token })).status).toBe(200)
    const wrong = await call('PUT', path(user), {
      json: { old_password: 'Wr0ng-of-tests', new_password: next },
      auth: user.auth,
    })
    expect(told(wrong)).toEqual([403, 'Current password is incorrect'])
    const same = await call('PUT', path(user), {
      json: { old_password: password, new_password: password },
      auth: user.auth,
    })
    expect(told(same)).toEqual([400, 'New password is identical to old password'])
    const unfit = await call('PUT', path(user), {
      json: { old_password: password, new_password: 'short' },
      auth: user.auth,
    })
    expect(told(unfit)).toEqual([400, weak])
    const done = await call('PUT', path(user), {
      json: { old_password: password, new_password: next },
      auth: user.auth,
    })
    expect([done.status, done.text]).toEqual([200, ''])
    for (const auth of [user.auth, token]) expect((await registry().ask('GET', '/v2/', { auth })).status).toBe(401)
    expect((await call('GET', `/users/current`, { auth: user.auth })).status).toBe(401)
    expect((await registry().ask('GET', '/v2/', { auth: basic(user.name, next) })).status).toBe(200)
  })

  it('are set by administrators without the old one, and by nobody else', async () => {
    const [user, other] = [await createUser(registry()), await createUser(registry())]
    expect((await call('PUT', path(user), { json: { new_password: next }, auth: other.auth })).status).toBe(403)
    expect((await call('PUT', path(user), { json: { new_password: next } })).status).toBe(200)
    expect((await registry().ask('GET', '/v2/', { auth: basic(user.name, next) })).status).toBe(200)
    const rows = await registry().query(`select detail from ledger where object = $1 and action = 'user.update'`, [
      `user ${user.name}`,
    ])
    expect(rows).toEqual([{ detail: { password: 'changed' } }])
  })
})

it('makes administrators and takes it back, from the next request on', async () => {
  const user = await createUser(registry())
  const flag = (sysadmin_flag: boolean, auth = admin) =>
    call('PUT', `/users/${user.id}/sysadmin`, { json: { sysadmin_flag }, auth: auth })
  expect(told(await flag(true, user.auth))).toEqual([403, user.name])
  expect((await flag(true)).status).toBe(200)
  expect(await get(`/users/current`, user.auth)).toMatchObject({ sysadmin_flag: true })
  expect((await flag(false, user.auth)).status).toBe(200)
  expect((await call('GET', '/users', { auth: user.auth })).status).toBe(403)
  expect((await call('PUT', `/users/999999/sysadmin`, { json: { sysadmin_flag: true } })).status).toBe(404)
})

it('has no secrets for command lines, which are for OpenID Connect', async () => {
  const answer = await call('PUT', `/users/1/cli_secret`, { json: { secret: 'Secret0000' } })
  expect(told(answer)).toEqual([412, 'unable to update CLI secret under authmode: db_auth'])
})

describe('permissions of the caller', () => {
  const held = async (query: string, auth?: string) =>
    ((await get(`/users/current/permissions?${query}`, auth)) as { resource: string; action: string }[]).map(
      ({ resource, action }) => `${resource}:${action}`,
    )

  it('are those of its role in a project, with or without the scope in their names', async () => {
    const user = await createUser(registry())
    const id = await createProject(registry(), 'perms')
    expect(await held(`scope=/project/${id}`, user.auth)).toEqual([])
    await addMember(registry(), 'perms', user, 'limitedGuest')
    const expected = ['repository:pull', 'artifact:list', 'quota:read', '.:read']
    const relative = await held(`scope=/project/${id}&relative=true`, user.auth)
    expect(relative).toEqual(expect.arrayContaining(expected))
    for (const beyond of ['repository:push', 'member:list', '.:update']) expect(relative).not.toContain(beyond)
    const whole = await held(`scope=/project/${id}`, user.auth)
    expect(whole).toEqual(expect.arrayContaining([`/project/${id}/repository:pull`, `/project/${id}:read`]))
    expect(whole).toHaveLength(relative.length)
    expect(await held(`scope=/project/${id}&relative=true`)).toEqual(
      expect.arrayContaining(['repository:delete', '.:delete', 'member:create']),
    )
  })

  it('are all in the system for administrators, none for others, none for scopes that are not there', async () => {
    const user = await createUser(registry())
    expect(await held('scope=/system&relative=true')).toEqual(
      expect.arrayContaining(['user:create', 'project:create', 'configuration:update']),
    )
    expect(await held('scope=/system')).toContain('/system/user:list')
    expect(await held('scope=/system', user.auth)).toEqual([])
    for (const scope of ['', '/project/999999', '/project/x', '/nosuch'])
      expect(await held(`scope=${scope}`)).toEqual([])
    const anonymous = await call('GET', `/users/current/permissions`, { auth: undefined })
    expect(anonymous.status).toBe(401)
  })
})
