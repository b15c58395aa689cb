import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { createUser } from '../accounts.ts'
import { errorOf } from '../client.ts'
import { sharedRegistry, startRegistry } from '../registry.ts'

const registry = sharedRegistry()
const api = '/api/v2.0'

it('answers a ping to anybody', async () => {
  const answer = await registry().ask('GET', `${api}/ping`, { auth: undefined })
  expect(answer).toMatchObject({ status: 200, text: 'Pong', headers: { 'content-type': 'text/plain' } })
})

it('tells anybody little of itself, and an account more', async () => {
  const anonymous = await registry().ask('GET', `${api}/systeminfo`, { auth: undefined })
  expect(JSON.parse(anonymous.text)).toEqual({
    auth_mode: 'db_auth',
    banner_message: '',
    oidc_provider_name: '',
    primary_auth_mode: false,
    self_registration: false,
  })
  const { auth } = await createUser(registry())
  const known = JSON.parse((await registry().ask('GET', `${api}/systeminfo`, { auth })).text)
  expect(known).toEqual({
    ...JSON.parse(anonymous.text),
    current_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/),
    external_url: registry().origin,
    harbor_version: expect.stringMatching(/^v2\.15\.2-breakwater\.\d+\.\d+\.\d+/),
    has_ca_root: false,
    notification_enable: false,
    project_creation_restriction: 'everyone',
    read_only: false,
    registry_storage_provider_name: 'filesystem',
    registry_url: registry().origin.slice('http://'.length),
  })
})

it('tells the external address where one is set', async () => {
  await using other = await startRegistry({ BREAKWATER_EXTERNAL_URL: 'https://registry.example.com' })
  const info = JSON.parse((await other.ask('GET', `${api}/systeminfo`)).text)
  expect(info).toMatchObject({ external_url: 'https://registry.example.com', registry_url: 'registry.example.com' })
})

it('tells administrators the room that the store has', async () => {
  const { text } = await registry().ask('GET', `${api}/systeminfo/volumes`)
  const { storage } = JSON.parse(text) as { storage: { total: number; free: number }[] }
  expect(storage).toHaveLength(1)
  expect(storage[0]?.total).toBeGreaterThan(0)
  expect(storage[0]?.free).toBeLessThanOrEqual(storage[0]?.total ?? 0)
  const user = await createUser(registry())
  const refused = await registry().ask('GET', `${api}/systeminfo/volumes`, { auth: user.auth })
  expect(refused.status).toBe(403)
  expect(errorOf(refused)).toMatchObject({ code: 'FORBIDDEN', message: user.name })
})

it('has no certificate authority to give', async () => {
  const answer = await registry().ask('GET', `${api}/systeminfo/getcert`, { auth: undefined })
  expect([answer.status, errorOf(answer).code]).toEqual([404, 'NOT_FOUND'])
})

it('is healthy while its parts are, and says which is not', async () => {
  const health = async () => {
    const { status, text } = await registry().ask('GET', `${api}/health`, { auth: undefined })
    return { answered: status, ...JSON.parse(text) }
  }
  const names = ['core', 'database', 'registry']
  expect(await health()).toEqual({
    answered: 200,
    status: 'healthy',
    components: names.map((name) => ({ name, status: 'healthy' })),
  })
  const store = join(registry().dataDir, 'store')
  await rename(store, `${store}-away`)
  try {
    const components = [{ status: 'healthy' }, { status: 'healthy' }, { name: 'registry', status: 'unhealthy' }]
    // An answer holds for a second.
    await vi.waitFor(
      async () => expect(await health()).toMatchObject({ answered: 200, status: 'unhealthy', components }),
      10_000,
    )
  } finally {
    await rename(`${store}-away`, store)
  }
})
