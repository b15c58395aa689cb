import { request } from 'node:http'
import { expect, it } from 'vitest'
import { createUser } from '../accounts.ts'
import { basic } from '../client.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { openBrowser } from './browser.ts'

const registry = sharedRegistry()

interface Outcome {
  readonly status: number
  readonly retryAfter: number
}

const attempt = (from: string, auth: string, path?: string) => attemptAt(registry().origin, from, auth, path)

/** A request for `path` from one of this machine's addresses. */
function attemptAt(origin: string, from: string, auth: string, path = '/v2/'): Promise<Outcome> {
  const { hostname, port } = new URL(origin)
  const headers = { authorization: auth }
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, localAddress: from, agent: false, headers }, (response) => {
      response.resume().on('end', () => {
        const { statusCode = 0, headers: answered } = response
        resolve({ status: statusCode, retryAfter: Number(answered['retry-after'] ?? 0) })
      })
    })
      .on('error', reject)
      .end()
  })
}

const doors = ['/v2/', '/service/token?service=harbor-registry', '/api/v2.0/users/current']

it('shuts out who guesses a password, at every door, and nobody else', async () => {
  const user = await createUser(registry())
  for (let n = 0; n < 5; n++) {
    const { status } = await attempt('127.0.0.2', basic(user.name, `Wr0ng-${n}`), doors[n % doors.length])
    expect(status).toBe(401)
  }
  for (const path of doors) {
    const refused = await attempt('127.0.0.2', user.auth, path)
    expect(refused.status).toBe(429)
    expect(refused.retryAfter).toBeGreaterThan(0)
  }
  for (const path of doors) expect((await attempt('127.0.0.3', user.auth, path)).status).toBe(200)
  expect((await attempt('127.0.0.2', admin)).status).toBe(200)
  const [row] = await registry().query<{ failed: number }>(
    `select sum(count)::int as failed from refusal where actor = $1 and address = '127.0.0.2'`,
    [`user:${user.name}`],
  )
  expect(row).toEqual({ failed: 5 })
})

it('shuts a browser out, too', async () => {
  const user = await createUser(registry())
  const browser = openBrowser(registry().origin)
  for (let n = 0; n < 5; n++) expect((await browser.login(user.name, `Wr0ng-${n}`)).status).toBe(401)
  const refused = await browser.login(user.name, 'Passw0rd-of-tests')
  expect(refused.status).toBe(429)
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
})

it('goes on serving who logged in before the guesses began, from the same address', async () => {
  const user = await createUser(registry())
  expect((await attempt('127.0.0.4', user.auth)).status).toBe(200)
  for (let n = 0; n < 5; n++) await attempt('127.0.0.4', basic(user.name, `Wr0ng-${n}`))
  expect((await attempt('127.0.0.4', basic(user.name, 'Wr0ng'))).status).toBe(429)
  expect((await attempt('127.0.0.4', user.auth)).status).toBe(200)
  // The account changes, so that what was remembered of the password has to be checked again.
  const body = JSON.stringify({ sysadmin_flag: true })
  await registry().ask('PUT', `/api/v2.0/users/${user.id}/sysadmin`, { body })
  expect((await attempt('127.0.0.4', user.auth)).status).toBe(200)
})

it('lets the administrator in while other addresses flood it with logins', async () => {
  await using twin = await registry().twin() // Nothing is remembered in it.
  const flooding = { on: true, refused: 0, guesses: 0 }
  const flood = async (from: string) => {
    while (flooding.on) {
      flooding.guesses += 1
      const { status } = await attemptAt(twin.origin, from, basic(`name-${flooding.guesses}`, 'Wr0ng'))
      if (status === 429) flooding.refused += 1
    }
  }
  const floods = ['127.0.0.5', '127.0.0.6'].flatMap((from) => Array.from({ length: 40 }, () => flood(from)))
  await expect.poll(() => flooding.refused, { timeout: 10_000 }).toBeGreaterThan(0)
  const answer = await attemptAt(twin.origin, '127.0.0.7', admin)
  flooding.on = false
  await Promise.all(floods)
  expect(answer.status).toBe(200)
})
