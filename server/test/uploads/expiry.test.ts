import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { digestOf } from '@breakwater/oci'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createUploads, type Uploads } from '../../src/blobs/index.ts'
import { loadConfig } from '../../src/config/index.ts'
import { createHasher, openStore } from '../../src/content/index.ts'
import { system } from '../../src/ledger/index.ts'
import { createTestDatabase } from '../database.ts'
import { settings } from '../registry.ts'

const opened = new AsyncDisposableStack()
let pool: pg.Pool
let uploads: Uploads
let folder: string
let repositoryId: number

beforeAll(async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'bw-expiry-'))
  opened.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const database = await createTestDatabase()
  opened.defer(() => database.drop())
  pool = new pg.Pool({ ...database.connection, max: 4 })
  // The database is dropped while connections may still be closing.
  pool.on('error', () => undefined)
  opened.defer(() => pool.end())
  const hasher = opened.use(createHasher(1))
  const store = await openStore(loadConfig({ env: settings(dataDir, database) }))
  uploads = createUploads({ pool, relaxed: pool, store, hasher, limits: { uploadExpiry: 60_000, blobBytes: 1 << 20 } })
  folder = join(dataDir, 'store/uploads')
  await pool.query(`insert into user_account (id, name) values (1, 'admin')`)
  await pool.query(`insert into project (id, name, owner_id) values (1, 'p', 1)`)
  const made = await pool.query<{ id: string }>(
    `insert into repository (project_id, name) values (1, 'r') returning id`,
  )
  repositoryId = Number(made.rows[0]?.id)
})
afterAll(() => opened.disposeAsync())

const target = (id: string) => ({ id, repositoryId, repository: 'p/r' })
const chunk = (text: string) => ({ body: Readable.from([Buffer.from(text)]), length: text.length, range: undefined })
const age = (id: string) => pool.query(`update upload set expires_at = now() - interval '1 second' where id = $1`, [id])

it('an upload that nobody touches is dropped with its bytes, and others stay', async () => {
  const [old, young] = [await uploads.start(repositoryId, system), await uploads.start(repositoryId, system)]
  for (const id of [old, young]) await uploads.append(target(id), chunk('abc'))
  await age(old)
  expect(await uploads.expire()).toBe(1)
  expect(await uploads.expire()).toBe(0)
  expect(readdirSync(folder)).toEqual([young])
  await expect(uploads.offset(target(old))).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' })
  expect(await uploads.offset(target(young))).toBe(3)
  await uploads.cancel(target(young))
})

it('an upload that has expired takes nothing more, dropped or not', async () => {
  const id = await uploads.start(repositoryId, system)
  await uploads.append(target(id), chunk('abc'))
  await age(id)
  const unknown = { code: 'BLOB_UPLOAD_UNKNOWN', detail: id }
  await expect(uploads.append(target(id), chunk('d'))).rejects.toMatchObject(unknown)
  await expect(uploads.finish(target(id), undefined, digestOf(Buffer.from('abc')), system)).rejects.toMatchObject(
    unknown,
  )
  await expect(uploads.offset(target(id))).rejects.toMatchObject(unknown)
  expect(await uploads.expire()).toBe(1)
})

it('a chunk puts the expiry off', async () => {
  const id = await uploads.start(repositoryId, system)
  await pool.query(`update upload set expires_at = now() + interval '5 seconds' where id = $1`, [id])
  await uploads.append(target(id), chunk('abc'))
  const { rows } = await pool.query<{ seconds: number }>(
    'select extract(epoch from expires_at - now())::float8 as seconds from upload where id = $1',
    [id],
  )
  expect(rows[0]?.seconds).toBeGreaterThan(50)
  await uploads.cancel(target(id))
})

it('many are dropped in batches, by several at once', async () => {
  await pool.query(
    `insert into upload (id, repository_id, actor, expires_at)
     select gen_random_uuid(), $1, 'x', now() - interval '1 minute' from generate_series(1, 250)`,
    [repositoryId],
  )
  let dropped = 0
  for (let round = 0; round < 3; round += 1) {
    for (const count of await Promise.all([uploads.expire(), uploads.expire()])) dropped += count
  }
  expect(dropped).toBe(250)
})

it('an upload that never was is unknown', async () => {
  await expect(uploads.offset(target(randomUUID()))).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' })
})
