import { describe, expect, it } from 'vitest'
import { adminPassword, sharedRegistry } from '../registry.ts'
import { openBrowser } from './browser.ts'

const registry = sharedRegistry()
const password = 'Passw0rd-of-tests'
const json = { 'content-type': 'application/json' }

describe('registration by oneself', () => {
  const asked = (name: string) => ({ username: name, email: `${name}@example.com`, realname: name, password })
  const allow = (self_registration: boolean) =>
    registry().ask('PUT', '/api/v2.0/configurations', { headers: json, body: JSON.stringify({ self_registration }) })

  it('tells whether a name is taken and makes an account, for a browser and where it is allowed', async () => {
    const browser = openBrowser(registry().origin)
    await browser.form('/c/userExists', {})
    const closed = await browser.form('/c/userExists', { target: 'username', value: 'admin' })
    expect(closed.status).toBe(412)
    const register = () =>
      browser.send('POST', '/api/v2.0/users', { headers: json, body: JSON.stringify(asked('newcomer')) })
    expect((await register()).status).toBe(401)
    await allow(true)
    const exists = async (target: string, value: string) =>
      (await browser.form('/c/userExists', { target, value })).text
    expect(await exists('username', 'newcomer')).toBe('false')
    expect((await register()).status).toBe(201)
    expect(await exists('username', 'Newcomer')).toBe('true')
    expect(await exists('email', 'newcomer@example.com')).toBe('true')
    expect(await exists('email', 'newcomer')).toBe('false')
    await allow(false)
    const rows = await registry().query(`select actor from ledger where object = 'user newcomer'`)
    expect(rows).toEqual([{ actor: 'anonymous' }])
  })

  it('lets administrators ask whether a name is taken at any time', async () => {
    const browser = openBrowser(registry().origin)
    await browser.login('admin', adminPassword)
    expect((await browser.form('/c/userExists', { target: 'username', value: 'admin' })).text).toBe('true')
  })
})
