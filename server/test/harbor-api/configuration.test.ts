import { describe, expect, it } from 'vitest'
import { createUser } from '../accounts.ts'
import { type Answer, errorOf } from '../client.ts'
import { sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
const path = '/api/v2.0/configurations'

function put(body: object, auth?: { auth: string | undefined }): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  return registry().ask('PUT', path, { headers, body: JSON.stringify(body), ...auth })
}

async function get(): Promise<Record<string, { value: unknown; editable: boolean }>> {
  return JSON.parse((await registry().ask('GET', path)).text)
}

it('lists what can be set, with the defaults of Harbor', async () => {
  expect(await get()).toEqual({
    auth_mode: { value: 'db_auth', editable: false },
    ...Object.fromEntries(
      Object.entries({
        banner_message: '',
        project_creation_restriction: 'everyone',
        read_only: false,
        robot_name_prefix: 'robot$',
        robot_token_duration: 30,
        self_registration: false,
        session_timeout: 60,
        token_expiration: 30,
      }).map(([key, value]) => [key, { value, editable: true }]),
    ),
  })
})

it('changes what is given and no more, at once and for the token that is issued next', async () => {
  const answer = await put({
    token_expiration: 7,
    banner_message: 'x',
    ldap_url: 'ldap://x',
    nosuch: 1,
    auth_mode: 'db_auth',
  })
  expect([answer.status, answer.text]).toEqual([200, ''])
  const after = await get()
  expect(after).toMatchObject({
    token_expiration: { value: 7 },
    banner_message: { value: 'x' },
    read_only: { value: false },
  })
  expect(Object.keys(after)).not.toContain('ldap_url')
  const token = await registry().ask('GET', '/service/token?service=harbor-registry&scope=repository:library/a:pull')
  expect(JSON.parse(token.text)).toMatchObject({ expires_in: 420 })
  const info = await registry().ask('GET', '/api/v2.0/systeminfo', { auth: undefined })
  expect(JSON.parse(info.text)).toMatchObject({ banner_message: 'x' })
})

it('records the keys that changed, and nothing where none did', async () => {
  await put({ session_timeout: 61, self_registration: false })
  await put({ session_timeout: 61 })
  const rows = await registry().query(
    `select actor, action, object, detail from ledger where action = 'configuration.update' and detail ? 'session_timeout'`,
  )
  expect(rows).toEqual([
    { actor: 'user:admin', action: 'configuration.update', object: 'configuration', detail: { session_timeout: 61 } },
  ])
})

it('reaches other processes', async () => {
  await using twin = await registry().twin()
  const seen = async () => {
    const answer = await fetch(`${twin.origin}/api/v2.0/systeminfo`)
    return ((await answer.json()) as { banner_message: string }).banner_message
  }
  await seen()
  await put({ banner_message: 'from elsewhere' })
  await expect.poll(seen, { timeout: 5_000 }).toBe('from elsewhere')
})

describe('refuses', () => {
  it.each([
    [
      'an unknown auth mode',
      { auth_mode: 'x_auth' },
      400,
      /^bad request: item name auth_mode: invalid auth_mode, shoud be one of db_auth, ldap_auth, uaa_auth, http_auth, oidc_auth$/,
    ],
    ['an auth mode that is not here', { auth_mode: 'ldap_auth' }, 400, /db_auth is the only one/],
    ['a restriction that is none', { project_creation_restriction: 'nobody' }, 400, /should be adminonly or everyone$/],
    ['no time', { token_expiration: 0 }, 400, /^the token_expiration value must be positive$/],
    ['less than no time', { session_timeout: -1 }, 400, /^the session_timeout value must be positive$/],
    ['too long a time', { token_expiration: 10_000_000_000 }, 400, /is over the limit value: 9999999999$/],
    ['a blank prefix', { robot_name_prefix: ' ' }, 400, /robot_name_prefix/],
    ['a prefix that no login can have', { robot_name_prefix: 'a:b' }, 400, /robot_name_prefix/],
    ['a text for a number', { token_expiration: 'long' }, 422, /token_expiration in body must be of type integer/],
  ])('%s', async (_, body, status, message) => {
    const before = await get()
    const answer = await put({ ...body, banner_message: 'must not be kept' })
    expect(answer.status).toBe(status)
    expect(errorOf(answer).message).toMatch(message)
    expect(await get()).toEqual(before)
  })

  it('those who are no administrators', async () => {
    const { auth, name } = await createUser(registry())
    for (const method of ['GET', 'PUT']) {
      const asked = (who: string | undefined) =>
        registry().ask(method, path, { auth: who, body: method === 'PUT' ? '{}' : '' })
      expect([(await asked(auth)).status, errorOf(await asked(auth)).message]).toEqual([403, name])
      expect((await asked(undefined)).status).toBe(401)
    }
  })
})
