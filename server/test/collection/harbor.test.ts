import { expect, it } from 'vitest'
import { blobOf, configBlob, imageManifest, mustPutManifest, pushBlob, pushImage } from '../content.ts'
import { bodyOf, caller, refusalOf } from '../harbor-api/call.ts'
import { sharedRegistry } from '../registry.ts'

/** The windows have passed as soon as something is deleted, and what goes on by itself does not come between. */
const registry = sharedRegistry({
  BREAKWATER_COLLECTION_UNDO: '1ms',
  BREAKWATER_COLLECTION_GRACE: '1ms',
  BREAKWATER_COLLECTION_INTERVAL: '1h',
})
const call = caller(registry)

interface History {
  readonly id: number
  readonly job_kind: string
  readonly job_parameters: string
  readonly job_status: string
  readonly schedule: { readonly type: string; readonly cron: string }
}

const schedule = (method: 'POST' | 'PUT', type: string, more: object = {}) =>
  call(method, '/system/gc/schedule', { json: { schedule: { type, ...('cron' in more ? more : {}) }, ...more } })

/** Runs a collection to its end; what it says of itself. */
async function collect(parameters: object): Promise<Record<string, unknown> & { readonly id: number }> {
  const begun = await schedule('POST', 'Manual', { parameters })
  expect(begun.status).toBe(201)
  const id = Number(/^\/api\/v2\.0\/system\/gc\/(\d+)$/.exec(String(begun.headers.location))?.[1])
  const state = async () => bodyOf<History>(await call('GET', `/system/gc/${id}`)).job_status
  await expect.poll(state, { timeout: 10_000 }).toBe('Success')
  const history = bodyOf<History>(await call('GET', `/system/gc/${id}`))
  return { id, kind: history.job_kind, ...JSON.parse(history.job_parameters) }
}

const stored = () =>
  registry().query<{ digest: Buffer; state: string }>('select digest, state from blob order by digest')

it('a dry run says what would go and changes nothing, and a run then takes just that', async () => {
  const kept = await pushImage(registry(), 'library/kept', '1')
  const gone = await pushImage(registry(), 'library/gone', '1')
  await registry().ask('DELETE', `/v2/library/gone/manifests/${gone.digest}`)
  const before = await stored()
  const bytes = [gone, gone.config, ...gone.layers].reduce((sum, blob) => sum + blob.bytes.length, 0)
  const dry = await collect({ dry_run: true, workers: 2 })
  expect(dry).toMatchObject({ kind: 'MANUAL', dry_run: true, freed_space: bytes, purged_blobs: 3, purged_manifests: 1 })
  expect(await stored()).toEqual(before)
  const log = await call('GET', `/system/gc/${dry.id}/log`)
  expect(log.headers['content-type']).toContain('text/plain')
  expect(log.text).toContain(`3 blobs would be deleted, 1 of them manifests: ${bytes} bytes`)

  // A grace period has to pass between two stages.
  let freed = 0
  await expect
    .poll(
      async () => {
        freed += Number((await collect({}))['freed_space'])
        return freed
      },
      { timeout: 20_000 },
    )
    .toBe(bytes)
  expect((await stored()).length).toBe(before.length - 3)
  expect((await registry().ask('GET', '/v2/library/kept/manifests/1')).bytes.equals(kept.bytes)).toBe(true)
})

it('deletes artifacts without a tag where that is asked for, and says so in the ledger', async () => {
  const [config, layer] = [configBlob(), blobOf()]
  for (const blob of [config, layer]) await pushBlob(registry(), 'library/tags', blob)
  for (const text of ['first', 'second']) {
    await mustPutManifest(registry(), 'library/tags', '1', imageManifest(config, [layer], { annotations: { text } }))
  }
  const artifacts = async () =>
    bodyOf<unknown[]>(await call('GET', '/projects/library/repositories/tags/artifacts')).length
  await collect({ dry_run: true, delete_untagged: true })
  await collect({})
  expect(await artifacts()).toBe(2)
  await collect({ delete_untagged: true })
  expect(await artifacts()).toBe(1)
  expect((await registry().ask('GET', '/v2/library/tags/manifests/1')).status).toBe(200)
  const recorded = await registry().query(`select from ledger where action = 'artifact.delete' and actor = 'system'`)
  expect(recorded.length).toBe(1)
})

it('lists runs, newest first, in pages', async () => {
  const { id } = await collect({ dry_run: true })
  const page = await call('GET', '/system/gc?page_size=1')
  expect(bodyOf<History[]>(page).map((run) => run.id)).toEqual([id])
  expect(Number(page.headers['x-total-count'])).toBeGreaterThan(2)
  expect(page.headers['link']).toContain('rel="next"')
  expect((await call('PUT', `/system/gc/${id}`)).status).toBe(200)
  expect(bodyOf<History>(await call('GET', `/system/gc/${id}`)).job_status).toBe('Success')
  for (const [method, path] of [
    ['GET', '/system/gc/999999'],
    ['GET', '/system/gc/999999/log'],
    ['PUT', '/system/gc/999999'],
  ] as const) {
    expect((await call(method, path)).status).toBe(404)
  }
})

it('keeps a schedule, which a PUT makes where there is none', async () => {
  const none = await call('GET', '/system/gc/schedule')
  expect([none.status, none.text]).toEqual([200, ''])
  expect((await schedule('PUT', 'Daily', { parameters: { delete_untagged: true } })).status).toBe(200)
  const daily = bodyOf<History>(await call('GET', '/system/gc/schedule'))
  expect(daily.schedule).toMatchObject({ type: 'Daily', cron: '0 0 0 * * *' })
  expect(JSON.parse(daily.job_parameters)).toMatchObject({ delete_untagged: true, dry_run: false })
  const made = await schedule('POST', 'Custom', { cron: '0 30 2 * * *' })
  expect([made.status, made.headers.location]).toEqual([201, '/api/v2.0/system/gc/0'])
  expect(refusalOf(await schedule('POST', 'Custom', { cron: '' }))[2]).toContain('six fields')
  const workers = await schedule('POST', 'Manual', { parameters: { workers: 11 } })
  expect(refusalOf(workers)).toEqual([400, 'BAD_REQUEST', 'Error: Invalid number of workers:11'])
  expect((await schedule('PUT', 'None')).status).toBe(200)
  expect((await call('GET', '/system/gc/schedule')).text).toBe('')
})
