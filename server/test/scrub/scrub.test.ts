import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Digest, digestToBytes, hexOf } from '@breakwater/oci'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lockLive, markDamaged, timeNow } from '../../src/blobs/index.ts'
import { createCollector } from '../../src/collection/index.ts'
import { loadConfig } from '../../src/config/index.ts'
import { createHasher, openForReading, openStore } from '../../src/content/index.ts'
import { createPool, transaction } from '../../src/metadata/index.ts'
import { scrub } from '../../src/scrub/scrub.ts'
import { errorOf } from '../client.ts'
import { type Blob, blobOf, configBlob, imageManifest, mustPutManifest, pushBlob, pushImage } from '../content.ts'
import { settings, sharedRegistry, type TestRegistry } from '../registry.ts'

/** It has no passes of its own: those of the tests find what they find. */
const registry = sharedRegistry({ BREAKWATER_SCRUB_ENABLED: 'false' })
const opened: AsyncDisposableStack[] = []
let second: string
beforeEach(() => {
  second = mkdtempSync(join(tmpdir(), 'bw-second-'))
})
afterEach(async () => {
  for (const one of opened.splice(0)) await one.disposeAsync()
  rmSync(second, { recursive: true, force: true })
})

const fileOf = (root: string, digest: Digest) => {
  const hex = hexOf(digest)
  return join(root, 'blobs', 'sha256', hex.slice(0, 2), hex)
}
const stored = (digest: Digest) => fileOf(join(registry().dataDir, 'store'), digest)

/** Changes one byte of what is stored. */
function damage(digest: Digest): void {
  const bytes = readFileSync(stored(digest))
  bytes[0] = (bytes[0] ?? 0) ^ 1
  writeFileSync(stored(digest), bytes)
}

const newPool = () => createPool({ connection: registry().database.connection, size: 2, onError: () => undefined })

interface PassOptions {
  readonly heals?: boolean
  readonly read?: () => void
  readonly signal?: AbortSignal
}

/** A whole pass; `heals`: the second store is there to heal from. `read`: told of each blob. */
async function pass({ heals, read = () => undefined, signal }: PassOptions = {}) {
  const stack = new AsyncDisposableStack()
  opened.push(stack)
  const config = loadConfig({ env: settings(registry().dataDir, registry().database) })
  const pool = newPool()
  stack.defer(() => pool.end())
  const other = loadConfig({ env: { BREAKWATER_STORE_ROOT: second } })
  const deps = {
    pool,
    store: await openStore(config),
    hasher: stack.use(createHasher(1)),
    healFrom: heals ? () => openForReading(other) : undefined,
    rate: 1 << 30,
    log: { warn: () => undefined, error: () => undefined },
    read,
  }
  await scrub(deps, 0, signal ?? AbortSignal.timeout(20_000))
}

const pull = (of: TestRegistry, digest: Digest, method = 'GET') => of.ask(method, `/v2/library/app/blobs/${digest}`)
const actions = async (digest: Digest) =>
  (await registry().query<{ action: string }>(`select action from ledger where object = $1 order by id`, [digest])).map(
    ({ action }) => action,
  )

it('does not serve what is damaged or missing, and everything else as before, until it is pushed again', async () => {
  const image = await pushImage(registry(), 'library/app', '1')
  const [changed, missing] = [blobOf(), blobOf('x'.repeat(3_000_000))]
  for (const blob of [changed, missing]) await pushBlob(registry(), 'library/app', blob)
  damage(changed.digest)
  rmSync(stored(missing.digest))
  await pass()
  for (const blob of [changed, missing]) {
    const answer = await pull(registry(), blob.digest)
    expect([answer.status, errorOf(answer).code]).toEqual([404, 'BLOB_UNKNOWN'])
    expect(errorOf(answer).message).toContain('damaged')
    expect((await pull(registry(), blob.digest, 'HEAD')).status).toBe(404)
    expect(await actions(blob.digest)).toEqual(['blob.quarantine'])
  }
  for (const blob of [image.config, ...image.layers]) {
    expect((await pull(registry(), blob.digest)).bytes.equals(blob.bytes)).toBe(true)
  }
  const mount = `/v2/library/other/blobs/uploads/?mount=${changed.digest}&from=library/app`
  expect((await registry().ask('POST', mount)).status).toBe(202)
  const config = configBlob()
  await pushBlob(registry(), 'library/app', config)
  const naming = { body: imageManifest(config, [changed]), headers: { 'content-type': image.mediaType } }
  const named = await registry().ask('PUT', '/v2/library/app/manifests/2', naming)
  expect([named.status, errorOf(named).code]).toEqual([400, 'MANIFEST_BLOB_UNKNOWN'])

  for (const blob of [changed, missing]) {
    await pushBlob(registry(), 'library/app', blob)
    expect((await pull(registry(), blob.digest)).bytes.equals(blob.bytes)).toBe(true)
  }
  await mustPutManifest(registry(), 'library/app', '2', imageManifest(config, [changed]))
  await pass()
  expect((await pull(registry(), changed.digest)).status).toBe(200)
})

it('heals a manifest from the database, and a blob from the second store if that has it whole', async () => {
  const image = await pushImage(registry(), 'library/app', '3')
  const [healed, lost] = [blobOf(), blobOf()]
  for (const blob of [healed, lost]) await pushBlob(registry(), 'library/app', blob)
  for (const { digest } of [image, healed, lost]) damage(digest)
  const keep = ({ digest }: Blob, bytes: Uint8Array) => {
    mkdirSync(dirname(fileOf(second, digest)), { recursive: true })
    writeFileSync(fileOf(second, digest), bytes)
  }
  keep(healed, healed.bytes)
  keep(lost, Buffer.from(lost.bytes).fill(0))
  await pass({ heals: true })
  expect(readFileSync(stored(image.digest)).equals(image.bytes)).toBe(true)
  expect((await pull(registry(), healed.digest)).bytes.equals(healed.bytes)).toBe(true)
  expect(await actions(healed.digest)).toEqual(['blob.quarantine', 'blob.heal'])
  expect((await pull(registry(), lost.digest)).status).toBe(404)

  keep(lost, lost.bytes)
  await pass({ heals: true })
  expect((await pull(registry(), lost.digest)).bytes.equals(lost.bytes)).toBe(true)
})

it('says what is damaged, and what it has done', async () => {
  const blob = blobOf()
  await pushBlob(registry(), 'library/app', blob)
  damage(blob.digest)
  await pass()
  const shown = JSON.parse((await registry().ask('GET', '/api/breakwater/v1/scrub')).text)
  expect(shown).toMatchObject({
    pass: { damaged: 1, healed: 0, endedAt: expect.any(String) },
    damagedCount: 1,
    damaged: [{ digest: blob.digest, size: blob.bytes.length, repositories: ['library/app'] }],
  })
  expect(shown.pass.blobs).toBeGreaterThan(1)
  expect((await registry().ask('GET', '/api/breakwater/v1/scrub', { auth: undefined })).status).toBe(401)
  // Asked for by somebody, although there are none by themselves.
  writeFileSync(stored(blob.digest), blob.bytes)
  expect((await registry().ask('POST', '/api/breakwater/v1/scrub/runs')).status).toBe(202)
  await expect.poll(async () => (await pull(registry(), blob.digest)).status, { timeout: 15_000 }).toBe(200)
})

it('goes on where it was ended', async () => {
  for (let i = 0; i < 120; i += 1) await pushBlob(registry(), 'library/many', blobOf())
  const ended = new AbortController()
  let seen = 0
  const read = () => {
    seen += 1
    if (seen === 70) ended.abort()
  }
  await expect(pass({ read, signal: ended.signal })).rejects.toThrow()
  const first = seen
  await pass({ read })
  const [{ total } = { total: 0 }] = await registry().query<{ total: number }>(
    `select count(*)::int as total from blob where state = 'live' and damaged_at is null`,
  )
  // What was read of the batch that was not ended is read again.
  expect(seen - first).toBe(total - 50)
})

it('leaves alone what a collector is deleting, damaged before or not', async () => {
  const [missing, damaged] = [blobOf(), blobOf()]
  for (const blob of [missing, damaged]) await pushBlob(registry(), 'library/app', blob)
  damage(damaged.digest)
  await pass()
  // Announced so long ago that whoever comes next may take it over.
  const digests = [missing, damaged].map(({ digest }) => digestToBytes(digest))
  await registry().query(
    `update blob set state = 'deleting', deleting_at = now() - interval '1 hour' where digest = any($1)`,
    [digests],
  )
  rmSync(stored(missing.digest))
  await pass()
  const left = await registry().query(`select state from blob where digest = any($1)`, [digests])
  expect(left).toEqual([{ state: 'deleting' }, { state: 'deleting' }])
  expect(await actions(missing.digest)).toEqual([])
})

it('does not keep marked what is pushed just when it is marked, nor mark what was pushed since it was read', async () => {
  const blob = blobOf()
  await pushBlob(registry(), 'library/app', blob)
  const pool = newPool()
  const since = await timeNow(pool)
  let pushing: Promise<unknown> = Promise.resolve()
  await transaction(pool, async (tx) => {
    expect(await lockLive(tx, blob.digest, since)).toBe(true)
    pushing = pushBlob(registry(), 'library/app', blob)
    const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
    await expect.poll(async () => (await registry().query(waiting)).length, { timeout: 10_000 }).toBe(1)
    await markDamaged(tx, blob.digest)
  })
  await pushing
  expect((await pull(registry(), blob.digest)).status).toBe(200)
  expect(await transaction(pool, (tx) => lockLive(tx, blob.digest, since))).toBe(false)
  await pool.end()
})

it('goes on where one blob can not be read', async () => {
  const [unreadable, damaged] = [blobOf(), blobOf()].toSorted((a, b) => (a.digest < b.digest ? -1 : 1))
  if (!unreadable || !damaged) throw new Error('there are two')
  for (const blob of [unreadable, damaged]) await pushBlob(registry(), 'library/app', blob)
  rmSync(stored(unreadable.digest))
  mkdirSync(stored(unreadable.digest))
  damage(damaged.digest)
  await pass()
  expect((await pull(registry(), damaged.digest)).status).toBe(404)
  expect(await actions(unreadable.digest)).toEqual([])
  rmSync(stored(unreadable.digest), { recursive: true })
})

it('leaves what is damaged and named by nothing to the collector', async () => {
  const blob = blobOf()
  await pushBlob(registry(), 'library/app', blob)
  damage(blob.digest)
  await pass()
  await registry().query('delete from repository_blob where digest = $1', [digestToBytes(blob.digest)])
  const pool = newPool()
  const store = await openStore(loadConfig({ env: settings(registry().dataDir, registry().database) }))
  const log = { warn: () => undefined }
  const collector = createCollector({ pool, store, windows: { undo: 3_600_000, grace: 1 }, rate: 1_000, log })
  const left = async () => {
    await collector.collect(AbortSignal.timeout(10_000))
    return registry().query('select from blob where digest = $1', [digestToBytes(blob.digest)])
  }
  await expect.poll(left, { timeout: 10_000 }).toEqual([])
  expect(existsSync(stored(blob.digest))).toBe(false)
  await pool.end()
})
