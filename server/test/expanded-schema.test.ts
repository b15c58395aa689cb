import pg from 'pg'
import { expect, it } from 'vitest'
import { migrationState } from '../src/metadata/index.ts'
import { ask } from './client.ts'
import { pushImage } from './content.ts'
import { admin, startRegistry } from './registry.ts'

/** During a rolling upgrade the release before meets the schema of the next one, which has only grown. */
it('runs, and starts, on a schema that has more columns, tables and migrations', { timeout: 60_000 }, async () => {
  await using registry = await startRegistry()
  const before = await pushImage(registry, 'library/app', 'before')
  const tables = await registry.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by relname`,
  )
  expect(tables.length).toBeGreaterThan(20)
  for (const { name } of tables) {
    await registry.query(
      `alter table ${pg.escapeIdentifier(name)} add column future text, add column later int default 7`,
    )
  }
  await registry.query('create table future_table (id int primary key)')
  await registry.query(`insert into migration (name) values ('9999_future.sql')`)

  await using next = await registry.twin()
  const there = {
    ask: (...[method, path, asked]: Parameters<typeof registry.ask>) =>
      ask(next.origin, method, path, { auth: admin, ...asked }),
  }
  const after = await pushImage(there, 'library/app', 'after')
  for (const [tag, image] of [
    ['before', before],
    ['after', after],
  ] as const) {
    for (const server of [registry, there]) {
      const answer = await server.ask('GET', `/v2/library/app/manifests/${tag}`)
      expect(answer.bytes.equals(image.bytes)).toBe(true)
    }
  }
  const artifacts = await there.ask('GET', '/api/v2.0/projects/library/repositories/app/artifacts?with_tag=true')
  expect(JSON.parse(artifacts.text)).toHaveLength(2)
  expect(
    (
      await registry.ask('POST', '/api/v2.0/projects', {
        body: JSON.stringify({ project_name: 'later' }),
        headers: { 'content-type': 'application/json' },
      })
    ).status,
  ).toBe(201)
  expect((await registry.ask('DELETE', '/v2/library/app/manifests/before')).status).toBe(202)

  const pool = new pg.Pool({ ...registry.database.connection, max: 1 })
  expect(await migrationState(pool)).toMatchObject({ pending: [] })
  await pool.end()
})
