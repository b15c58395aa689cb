import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config/index.ts'
import { ask } from '../client.ts'
import { settings, sharedRegistry, startRegistry } from '../registry.ts'
import { startWireProxy } from '../wire-proxy.ts'

const registry = sharedRegistry()
const ready = (origin: string) => ask(origin, 'GET', '/readyz')
const well = { server: 'ok', database: 'ok', store: 'ok' }

it('says without credentials that it lives and that it is ready', async () => {
  expect(await ask(registry().origin, 'GET', '/healthz')).toMatchObject({ status: 200, text: '{"status":"ok"}\n' })
  const answer = await ready(registry().origin)
  expect(answer.status).toBe(200)
  expect(JSON.parse(answer.text)).toEqual({ status: 'ready', checks: well })
  expect(answer.headers['cache-control']).toBe('no-store')
})

it('is not ready while the store takes nothing, and lives all the same', async () => {
  await using own = await startRegistry()
  const uploads = join(own.dataDir, 'store', 'uploads')
  await rename(uploads, `${uploads}.away`)
  await vi.waitFor(async () => {
    const answer = await ready(own.origin)
    expect(answer.status).toBe(503)
    const checks = { ...well, store: 'does not answer, or takes no content' }
    expect(JSON.parse(answer.text)).toEqual({ status: 'unready', checks })
  }, 10_000)
  expect((await ask(own.origin, 'GET', '/healthz')).status).toBe(200)
  await rename(`${uploads}.away`, uploads)
  await vi.waitFor(async () => expect((await ready(own.origin)).status).toBe(200), 10_000)
})

it('is not ready while the schema is older than the program', async () => {
  const [last] = await registry().query<{ name: string }>('select max(name) as name from migration')
  await registry().query('delete from migration where name = $1', [last?.name])
  onTestFinished(() => void registry().query('insert into migration (name) values ($1)', [last?.name]))
  await vi.waitFor(async () => {
    expect(JSON.parse((await ready(registry().origin)).text).checks).toEqual({
      ...well,
      database: 'lacks 1 migrations',
    })
  }, 10_000)
})

it('is not ready while the database is away or hangs, and names no address', async () => {
  const { connection } = registry().database
  const { host, port } = connection
  await using proxy = await startWireProxy({ path: `${host}/.s.PGSQL.${port}` })
  const through = { connection: { ...connection, host: '127.0.0.1', port: proxy.port } }
  const config = loadConfig({ env: settings(registry().dataDir, through) })
  await using app = await startApp(config)
  for (const harm of ['cut', 'hold'] as const) {
    await vi.waitFor(async () => expect((await ready(app.address)).status).toBe(200), 20_000)
    proxy[harm]()
    await vi.waitFor(async () => {
      const { status, text } = await ready(app.address)
      expect(status).toBe(503)
      expect(JSON.parse(text).checks).toEqual({ ...well, database: 'does not answer' })
      expect(text).not.toContain(String(proxy.port))
    }, 20_000)
    await proxy.restore()
  }
}, 90_000)

it('is not ready once it was told to stop', async () => {
  const config = loadConfig({
    env: { ...settings(registry().dataDir, registry().database), BREAKWATER_DRAIN: '2s' },
  })
  await using app = await startApp(config)
  const drained = app.drain()
  const answer = await ready(app.address)
  expect(answer.status).toBe(503)
  expect(JSON.parse(answer.text).checks).toEqual({ ...well, server: 'stops' })
  await drained
})
