import pg from 'pg'
import { expect, it } from 'vitest'
import { errorOf } from '../client.ts'
import { startRegistry } from '../registry.ts'
import { critical, gatedProject, pushScanned, told, writeDatabase } from './stage.ts'

it('the database away: nothing is let through, and clients are told to come again', async () => {
  await using registry = await startRegistry()
  await writeDatabase(registry)
  await gatedProject(registry, 'production')
  const image = await pushScanned(registry, 'production/app', 'good')
  const paths = ['manifests/good', `blobs/${image.config.digest}`].map((path) => `/v2/production/app/${path}`)
  const statuses = () => Promise.all(paths.map(async (path) => (await registry.ask('GET', path)).status))
  expect(await statuses()).toEqual([200, 200])

  const { database } = registry.database.connection
  const name = pg.escapeIdentifier(database)
  const outside = new pg.Client({ ...registry.database.connection, database: 'postgres' })
  await outside.connect()
  try {
    await outside.query(`alter database ${name} with allow_connections false`)
    await outside.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [database])
    for (const path of paths) {
      const answer = await registry.ask('GET', path)
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5'])
    }
    await outside.query(`alter database ${name} with allow_connections true`)
    await expect.poll(statuses).toEqual([200, 200])
  } finally {
    await outside.end()
  }
})

it("refuses with Harbor's status and code where that is configured", async () => {
  await using registry = await startRegistry({ BREAKWATER_GATE_REFUSE_WITH412: 'true' })
  await writeDatabase(registry)
  await gatedProject(registry, 'production')
  await pushScanned(registry, 'production/app', 'bad', [critical])
  const answer = await registry.ask('GET', '/v2/production/app/manifests/bad')
  expect(told(answer)).toMatchObject({ status: 412, code: 'PROJECTPOLICYVIOLATION' })
  expect(errorOf(answer).message).toContain('current image with 1 critical vulnerability cannot be pulled')
})
