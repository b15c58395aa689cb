import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/index.ts'
import { openStore } from '../../src/content/index.ts'
import { transaction } from '../../src/metadata/index.ts'
import { createSchema, migrationFiles } from '../../src/metadata/migrate.ts'
import { backupRegistry, restoreRegistry } from '../../src/recover.ts'
import { blobOf, pushImage } from '../content.ts'
import { adminPassword, startRegistry } from '../registry.ts'
import { configOf, emptyPlace, silent, start, temporaryFolder } from './place.ts'
import { namesOf } from './stage.ts'

const plain = { withoutSecretKey: false, allowMissing: false, report: silent }

/** A registry with a database of its own. */
function embedded(dataDir: string) {
  return loadConfig({
    env: {
      BREAKWATER_DATA_DIR: dataDir,
      BREAKWATER_LISTEN: '127.0.0.1:0',
      BREAKWATER_ADMIN_PASSWORD: adminPassword,
      BREAKWATER_LOG_LEVEL: 'error',
      BREAKWATER_VULNDB_SOURCE: 'none',
    },
  })
}

it('an embedded database is saved while a server uses it, and restored into another', {
  timeout: 120_000,
}, async () => {
  const [one, other, dest] = [embedded(temporaryFolder()), embedded(temporaryFolder()), temporaryFolder()]
  const pushed = await (async () => {
    await using running = await start(one)
    const image = await pushImage(running, 'library/app', 'v1')
    await backupRegistry(one, { dest, ...plain })
    await expect(restoreRegistry(one, { source: dest, newSecretKey: false, report: silent })).rejects.toThrow(
      'is in use by',
    )
    return image
  })()
  // Nobody runs it now.
  const again = await backupRegistry(one, { dest, ...plain })
  expect(again.copiedBlobs).toBe(0)
  await restoreRegistry(other, { source: dest, newSecretKey: false, report: silent })
  await using restored = await start(other)
  expect((await restored.ask('GET', '/v2/library/app/manifests/v1')).bytes.equals(pushed.bytes)).toBe(true)
})

describe('a backup of an older version', () => {
  it('is brought to the schema of this one, and one of a newer version is refused', { timeout: 60_000 }, async () => {
    const old = await emptyPlace()
    const pool = new pg.Pool({ connectionString: old.env['BREAKWATER_DATABASE_URL'] })
    const names = migrationFiles()
    const manifest = blobOf(JSON.stringify({ schemaVersion: 2, config: { size: 2 }, layers: [] }))
    try {
      await transaction(pool, (tx) => createSchema(tx, names.slice(0, 3)))
      await pool.query(
        `with owner as (insert into user_account (id, name) values (5, 'owner') returning id),
           project as (insert into project (id, name, public, owner_id) select 1, 'library', true, id from owner returning id),
           repository as (insert into repository (project_id, name) select id, 'old' from project returning id),
           content as (insert into manifest (digest, media_type, size, bytes) values ($1, $2, $3, $4) returning digest)
         insert into repository_manifest (repository_id, digest, media_type, size, pushed_by)
         select repository.id, content.digest, $2, $3, 'user:admin' from repository, content`,
        [
          Buffer.from(manifest.digest.slice(7), 'hex'),
          'application/vnd.oci.image.manifest.v1+json',
          manifest.bytes.length,
          manifest.bytes,
        ],
      )
      const store = await openStore(old.config)
      await store.write(manifest.digest, manifest.bytes)
    } finally {
      await pool.end()
    }
    mkdirSync(old.dataDir, { recursive: true })
    writeFileSync(join(old.dataDir, 'secret.key'), `${'s'.repeat(40)}\n`)
    const dest = temporaryFolder()
    await backupRegistry(old.config, { dest, ...plain })

    const place = await emptyPlace()
    const { migrated } = await restoreRegistry(place.config, { source: dest, newSecretKey: false, report: silent })
    expect(migrated).toEqual(names.slice(3))
    const applied = await place.query<{ name: string }>('select name from migration order by name')
    expect(applied.map(({ name }) => name)).toEqual(names)
    await using again = await start(place.config)
    const answer = await again.ask('GET', `/v2/library/old/manifests/${manifest.digest}`)
    expect(answer.bytes.equals(manifest.bytes)).toBe(true)
    // The counts that a later migration introduced are those of what was restored.
    const list = await again.ask('GET', '/api/v2.0/projects/library/repositories')
    expect(JSON.parse(list.text)).toMatchObject([{ name: 'library/old', artifact_count: 1 }])
    await pushImage(again, 'library/old', 'new')

    const newer = await emptyPlace()
    await place.query(`insert into migration (name) values ('9999_later.sql')`)
    const later = temporaryFolder()
    await backupRegistry(place.config, { dest: later, ...plain })
    await expect(restoreRegistry(newer.config, { source: later, newSecretKey: false, report: silent })).rejects.toThrow(
      'It was made by a newer version of Breakwater (schema 9999_later.sql).',
    )
  })
})

describe('jobs that waited', () => {
  it('wait again, each once, and schedules go on', { timeout: 60_000 }, async () => {
    await using registry = await startRegistry({ BREAKWATER_ROLE: 'web' })
    await pushImage(registry, 'library/app', 'v1')
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ schedule: { type: 'Daily', cron: '0 0 0 * * *' } })
    expect((await registry.ask('POST', '/api/v2.0/system/scanAll/schedule', { headers, body })).status).toBe(201)
    const dest = temporaryFolder()
    await backupRegistry(configOf(registry), { dest, ...plain })
    const place = await emptyPlace()
    await restoreRegistry(place.config, { source: dest, newSecretKey: false, report: silent })
    const waiting = `select name, singleton_key, state::text, data from pgboss.job where state <= 'active' order by 1, 2`
    const jobs = await place.query(waiting)
    expect(jobs).toEqual(await registry.query(waiting))
    expect(jobs.filter(({ name }) => name === 'scan')).toHaveLength(1)
    const schedules = 'select name, key, cron, timezone, data, options from pgboss.schedule order by 1, 2'
    expect(await place.query(schedules)).toEqual(await registry.query(schedules))

    await using again = await start(place.config)
    const states = async () =>
      (await place.query<{ state: string }>('select state from scan')).map(({ state }) => state)
    await expect.poll(states, { timeout: 30_000 }).not.toContain('pending')
    expect((await again.ask('GET', '/v2/library/app/manifests/v1')).status).toBe(200)
    expect(Object.keys((await namesOf(place.query)).tags)).toEqual(['library/app:v1'])
  })
})
