import { describe, expect, it } from 'vitest'
import { deleteEndedSessions } from '../../src/identity/index.ts'
import type { Db } from '../../src/metadata/index.ts'
import { createUser } from '../accounts.ts'
import { errorOf } from '../client.ts'
import { adminPassword, sharedRegistry, startRegistry } from '../registry.ts'
import { openBrowser } from './browser.ts'

const registry = sharedRegistry()
const current = '/api/v2.0/users/current'
const password = 'Passw0rd-of-tests'
const missing = { code: 'FORBIDDEN', message: 'CSRF token not found in request' }
const json = { 'content-type': 'application/json' }

async function userIn(registry_ = registry()) {
  const user = await createUser(registry_)
  const browser = openBrowser(registry_.origin)
  expect((await browser.login(user.name, password)).status).toBe(200)
  return { user, browser, status: async () => (await browser.send('GET', current)).status }
}

describe('logging in', () => {
  it('needs the token that the first refusal gives, and answers with a cookie', async () => {
    const browser = openBrowser(registry().origin)
    const form = { principal: 'admin', password: adminPassword }
    const first = await browser.form('/c/login', form)
    expect(first.status).toBe(403)
    expect(errorOf(first)).toEqual(missing)
    expect(first.headers['x-harbor-csrf-token']).toHaveLength(88)
    const before = browser.cookies.get('sid')
    const second = await browser.form('/c/login', form)
    expect([second.status, second.text]).toEqual([200, ''])
    expect(second.headers['set-cookie']).toEqual([
      expect.stringMatching(/^sid=[0-9a-f]{32}; Path=\/; HttpOnly; SameSite=Lax$/),
    ])
    expect(browser.cookies.get('sid')).not.toBe(before)
    const who = await browser.send('GET', current)
    expect(JSON.parse(who.text)).toMatchObject({ username: 'admin', sysadmin_flag: true })
    expect(who.headers['vary']).toBe('Cookie')
  })

  it('keeps nothing that could be used from the database', async () => {
    const { browser } = await userIn()
    const rows = await registry().query(`select encode(id, 'hex') as id from session`)
    for (const { id } of rows) {
      expect(id).toHaveLength(64)
      expect(id).not.toContain(browser.cookies.get('sid'))
    }
  })

  it('refuses a wrong password with 401 and a record, and a wrong token', async () => {
    const { user } = await userIn()
    const browser = openBrowser(registry().origin)
    const answer = await browser.login(user.name, 'Wr0ng-of-tests')
    expect([answer.status, answer.text]).toEqual([401, ''])
    expect((await browser.send('GET', current)).status).toBe(401)
    const refusals = await registry().query('select action, reason from refusal where actor = $1', [
      `user:${user.name}`,
    ])
    expect(refusals).toEqual([{ action: 'login', reason: 'bad-password' }])
    const forged = await browser.send('POST', '/c/login', {
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-harbor-csrf-token': 'A'.repeat(88) },
      body: new URLSearchParams({ principal: user.name, password }).toString(),
    })
    expect([forged.status, errorOf(forged).message]).toEqual([403, 'CSRF token invalid'])
  })

  it('asks for HTTPS where clients use it', async () => {
    await using other = await startRegistry({ BREAKWATER_EXTERNAL_URL: 'https://registry.example.com' })
    const answer = await openBrowser(other.origin).login('admin', adminPassword)
    expect(answer.headers['set-cookie']).toEqual([expect.stringContaining('; Secure;')])
  })
})

describe('a session', () => {
  it('may change something only with the token', async () => {
    const { browser } = await userIn()
    const body = JSON.stringify({ project_name: `p-${Date.now()}` })
    const sid = `sid=${browser.cookies.get('sid')}`
    const bare = await registry().ask('POST', '/api/v2.0/projects', {
      auth: undefined,
      headers: { ...json, cookie: sid },
      body,
    })
    expect([bare.status, errorOf(bare)]).toEqual([403, missing])
    expect(bare.headers['x-harbor-csrf-token']).toHaveLength(88)
    expect(bare.headers['set-cookie']).toEqual([expect.stringMatching(/^_gorilla_csrf=/)])
    expect((await browser.send('POST', '/api/v2.0/projects', { headers: json, body })).status).toBe(201)
  })

  it('counts only where no other credential is given', async () => {
    const { user, browser } = await userIn()
    const other = await createUser(registry())
    const who = await browser.send('GET', current, { auth: other.auth })
    expect(JSON.parse(who.text)).toMatchObject({ username: other.name })
    expect(JSON.parse((await browser.send('GET', current)).text)).toMatchObject({ username: user.name })
  })

  it('ends with the logout, with records of both', async () => {
    const { user, browser, status } = await userIn()
    const sid = browser.cookies.get('sid')
    const out = await browser.send('GET', '/c/log_out')
    expect([out.status, out.text]).toEqual([200, ''])
    expect(browser.cookies.has('sid')).toBe(false)
    expect(await status()).toBe(401)
    const replayed = await registry().ask('GET', current, { auth: undefined, headers: { cookie: `sid=${sid}` } })
    expect(replayed.status).toBe(401)
    const rows = await registry().query(
      `select actor, credential, action from ledger where object = $1 and action like 'user.log%' order by id`,
      [`user ${user.name}`],
    )
    expect(rows).toEqual([
      { actor: `user:${user.name}`, credential: 'session', action: 'user.login' },
      { actor: `user:${user.name}`, credential: 'session', action: 'user.logout' },
    ])
  })

  it.each<[string, (id: number) => [string, string, object?]]>([
    ['a new password', (id) => ['PUT', `/${id}/password`, { new_password: 'An0ther-of-tests' }]],
    ['a new right', (id) => ['PUT', `/${id}/sysadmin`, { sysadmin_flag: true }]],
    ['the end of the account', (id) => ['DELETE', `/${id}`]],
  ])('ends with %s', async (_, change) => {
    const { user, status } = await userIn()
    expect(await status()).toBe(200)
    const [method, path, body] = change(user.id)
    const asked = body ? { headers: json, body: JSON.stringify(body) } : {}
    expect((await registry().ask(method, `/api/v2.0/users${path}`, asked)).status).toBe(200)
    expect(await status()).toBe(401)
  })

  it('lives on with each request, unless the request says not', async () => {
    const { user, browser, status } = await userIn()
    const left = async () => {
      const [row] = await registry().query<{ left: number }>(
        'select extract(epoch from expires_at - now())::float8 as left from session where user_id = $1',
        [user.id],
      )
      return row?.left ?? 0
    }
    const age = (seconds: number) =>
      registry().query(`update session set expires_at = now() + $2 * interval '1 second' where user_id = $1`, [
        user.id,
        seconds,
      ])
    await age(600)
    const quiet = await browser.send('GET', current, { headers: { 'x-harbor-no-session-renewal': '1' } })
    expect(quiet.status).toBe(200)
    expect(await left()).toBeLessThanOrEqual(600)
    expect(await status()).toBe(200)
    expect(await left()).toBeGreaterThan(3_500)
    await age(-1)
    expect(await status()).toBe(401)
  })

  it('leaves nothing behind once it has ended by time', async () => {
    const { user, status } = await userIn()
    const { user: other } = await userIn()
    await registry().query('update session set expires_at = now() where user_id = $1', [user.id])
    const query = async (text: string) => ({ rows: await registry().query(text) })
    await deleteEndedSessions({ query } as unknown as Db)
    const rows = await registry().query('select user_id as id from session where user_id in ($1, $2)', [
      user.id,
      other.id,
    ])
    expect(rows.map(({ id }) => Number(id))).toEqual([other.id])
    expect(await status()).toBe(401)
  })

  it('is known to every process', async () => {
    const { browser } = await userIn()
    await using twin = await registry().twin()
    const other = openBrowser(twin.origin)
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    expect((await other.send('GET', current, { headers: { cookie } })).status).toBe(200)
  })

  it('is no way into the registry', async () => {
    const { browser } = await userIn()
    expect((await browser.send('GET', '/v2/')).status).toBe(401)
  })
})
