import { readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { digestToBytes } from '@breakwater/oci'
import pg from 'pg'
import { expect, it, onTestFinished, vi } from 'vitest'
import { foldCounts } from '../../src/artifacts/index.ts'
import { createPool } from '../../src/metadata/index.ts'
import { foldProjects } from '../../src/projects/index.ts'
import { addMember, createProject, createUser } from '../accounts.ts'
import { blobOf, indexManifest, mustPutManifest, pushBlob, pushImage } from '../content.ts'
import { gatedProject, high, pushScanned, writeDatabase } from '../gate/stage.ts'
import { caller } from '../harbor-api/call.ts'
import type { TestRegistry } from '../registry.ts'
import { scanOf } from '../scanning/scan.ts'
import { sample, startMeasured } from './measured.ts'

const pull = async ({ ask }: TestRegistry, path: string) => (await ask('GET', `/v2/${path}`)).status

/** Does at once what is done every five seconds. */
async function fold({ database: { connection } }: TestRegistry): Promise<void> {
  const pool = createPool({ connection, size: 1, onError: () => undefined })
  await foldCounts(pool)
  await foldProjects(pool)
  await pool.end()
}

it('tells of projects, uploads, settings and what waits for collection', async () => {
  await using measured = await startMeasured({ BREAKWATER_COLLECTION_INTERVAL: '100ms' })
  const { registry } = measured
  const call = caller(() => registry)
  await createProject(registry, 'team')
  const [image] = await Promise.all([
    pushImage(registry, 'team/app', '1'),
    pushImage(registry, 'library/app', '1'),
    createUser(registry).then((user) => addMember(registry, 'team', user, 'guest')),
  ])
  const index = indexManifest([image])
  await mustPutManifest(registry, 'team/app', 'all', index, 'application/vnd.oci.image.index.v1+json')
  for (let turn = 0; turn < 3; turn += 1) await pull(registry, 'team/app/manifests/1')
  expect((await registry.ask('POST', '/v2/team/app/blobs/uploads/')).status).toBe(202)
  await call('PUT', '/configurations', { json: { self_registration: true } })
  const unused = blobOf()
  await pushBlob(registry, 'library/app', unused)
  expect((await registry.ask('DELETE', `/v2/library/app/blobs/${unused.digest}`)).status).toBe(202)
  const counted = async (what: string) => Number((await registry.query(`select count(*) as n from ${what}`))[0]?.['n'])
  await vi.waitFor(async () => {
    expect(await counted(`blob where state = 'doomed'`)).toBe(1)
    expect(await counted('pull')).toBe(3)
  }, 10_000)
  await fold(registry)

  const page = await measured.page()
  const used = [image, image.config, ...image.layers].reduce((sum, { bytes }) => sum + bytes.length, index.length)
  const total = sample(page, 'harbor_statistics_total_storage_consumption') ?? 0
  const expected = {
    'harbor_project_repo_total{project_name="team",public="false"}': 1,
    'harbor_project_member_total{project_name="team"}': 2,
    'harbor_project_member_total{project_name="library"}': 1,
    'harbor_project_artifact_total{project_name="team",public="false"}': 2,
    'harbor_project_artifact_total{project_name="library",public="true"}': 1,
    'harbor_artifact_pulled{project_name="team"}': 3,
    'harbor_artifact_pulled{project_name="library"}': 0,
    'harbor_project_quota_usage_byte{project_name="team"}': used,
    'harbor_project_quota_usage_byte{project_name="library"}': total - used,
    harbor_statistics_total_project_amount: 2,
    harbor_statistics_public_project_amount: 1,
    harbor_statistics_private_project_amount: 1,
    harbor_statistics_total_repo_amount: 2,
    harbor_statistics_public_repo_amount: 1,
    harbor_statistics_private_repo_amount: 1,
    breakwater_uploads_open: 1,
    'breakwater_collection_waiting{state="doomed"}': 1,
    'breakwater_collection_waiting{state="deleting"}': 0,
    'breakwater_collection_waiting{state="review"}': await counted('review'),
    harbor_task_scheduled_total: await counted('pgboss.schedule'),
    breakwater_metrics_gathered: 1,
  }
  expect(Object.fromEntries(Object.keys(expected).map((name) => [name, sample(page, name)]))).toEqual(expected)
  expect(total).toBeGreaterThan(used)
  expect(page).toMatch(/^harbor_system_info\{auth_mode="db_auth",harbor_version="[^"]+",self_registration="true"\} 1$/m)
}, 60_000)

it('tells of jobs while they are done', async () => {
  await using measured = await startMeasured()
  const { registry, page } = measured
  const running = `harbor_task_concurrency{type="collection",pool="${hostname()}"}`
  const client = new pg.Client(registry.database.connection)
  await client.connect()
  try {
    // The database is asked for numbers before the job is made to wait for it.
    expect(sample(await page(), running)).toBeUndefined()
    await client.query('begin')
    await client.query('lock table manifest in access exclusive mode')
    const json = { schedule: { type: 'Manual' }, parameters: { dry_run: true } }
    const answer = await caller(() => registry)('POST', '/system/gc/schedule', { json })
    expect(answer.status).toBe(201)
    await vi.waitFor(async () => expect(sample(await page(), running)).toBe(1), 10_000)
    await client.query('rollback')
    await vi.waitFor(async () => expect(sample(await page(), running)).toBe(0), 10_000)
  } finally {
    await client.end()
  }
}, 60_000)

it('counts what the gate lets go on, refuses and holds', async () => {
  await using measured = await startMeasured()
  const { registry, page } = measured
  await writeDatabase(registry)
  const project = await gatedProject(registry, 'gated')
  const [{ digest }] = await Promise.all([
    pushImage(registry, 'gated/app', 'late'),
    pushScanned(registry, 'gated/app', 'good'),
    pushScanned(registry, 'gated/app', 'bad', [high]),
  ])
  await scanOf(registry, digest)
  await registry.query(`update scan set state = 'running', revision = revision + 1 where digest = $1`, [
    digestToBytes(digest),
  ])
  await registry.query(`insert into policy (project_id, document) values ($1, '{"holdSeconds": 1}')`, [project])
  const pulls = ['good', 'bad', 'bad', 'late'].map((tag) => pull(registry, `gated/app/manifests/${tag}`))
  expect(await Promise.all(pulls)).toEqual([200, 403, 403, 503])
  const text = await page()
  expect(sample(text, 'breakwater_gate_verdicts_total{verdict="allow",rule="none"}')).toBe(1)
  expect(sample(text, 'breakwater_gate_verdicts_total{verdict="deny",rule="vulnerable"}')).toBe(2)
  expect(sample(text, 'breakwater_gate_hold_seconds_count')).toBe(1)
  expect(sample(text, 'breakwater_gate_hold_seconds_sum')).toBeGreaterThan(0.5)
}, 60_000)

it('measures operations of the store, and those that fail', async () => {
  await using measured = await startMeasured()
  const { registry } = measured
  const blob = blobOf()
  const path = `library/app/blobs/${blob.digest}`
  const times = async () => {
    const page = await measured.page()
    const of = (operation: string, outcome: string) => {
      const labels = `operation="${operation}",kind="filesystem",outcome="${outcome}"`
      return sample(page, `breakwater_store_operation_seconds_count{${labels}}`) ?? 0
    }
    return { put: of('put', 'ok'), get: of('get', 'ok'), failed: of('get', 'error') }
  }
  // The store is used by the look whether the process is ready, too.
  const before = await times()
  await pushBlob(registry, 'library/app', blob)
  expect(await pull(registry, path)).toBe(200)
  const after = await times()
  expect(after.put).toBeGreaterThan(before.put)
  expect(after.get).toBeGreaterThan(before.get)
  expect(after.failed).toBe(0)

  const store = join(registry.dataDir, 'store')
  const [file] = (await readdir(store, { recursive: true })).filter((name) => name.endsWith(blob.digest.slice(-32)))
  if (file === undefined) throw new Error('the blob is nowhere')
  await rm(join(store, file))
  // What fails is in the log, too.
  const log = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => log.mockRestore())
  expect(await pull(registry, path)).toBe(500)
  expect((await times()).failed).toBe(1)
}, 60_000)

it('measures how pulls are written to the ledger, and tells how many wait for it', async () => {
  await using measured = await startMeasured()
  const { registry, page } = measured
  await pushImage(registry, 'library/app', '1')
  const flushes = 'breakwater_ledger_flush_seconds_count'
  expect(sample(await page(), flushes)).toBe(0)
  await pull(registry, 'library/app/manifests/1')
  await vi.waitFor(async () => expect(sample(await page(), flushes)).toBe(1), 10_000)
  await registry.query('alter table pull rename to pull_away')
  await pull(registry, 'library/app/manifests/1')
  await pull(registry, 'library/app/manifests/1')
  await vi.waitFor(async () => expect(sample(await page(), 'breakwater_ledger_waiting')).toBe(2), 10_000)
  await registry.query('alter table pull_away rename to pull')
  await vi.waitFor(async () => expect(sample(await page(), 'breakwater_ledger_waiting')).toBe(0), 10_000)
}, 60_000)

it('counts blobs that collection has deleted, and their bytes', async () => {
  await using measured = await startMeasured({
    BREAKWATER_COLLECTION_UNDO: '100ms',
    BREAKWATER_COLLECTION_GRACE: '200ms',
    BREAKWATER_COLLECTION_INTERVAL: '100ms',
  })
  const { registry, page } = measured
  const blob = blobOf()
  await pushBlob(registry, 'library/app', blob)
  await vi.waitFor(
    async () => expect(sample(await page(), 'breakwater_collection_deleted_blobs_total')).toBe(1),
    10_000,
  )
  expect(sample(await page(), 'breakwater_collection_deleted_bytes_total')).toBe(blob.bytes.length)
}, 60_000)
