import { digestToBytes } from '@breakwater/oci'
import { expect, it } from 'vitest'
import { type Blob, blobOf, configBlob, imageManifest, mustPutManifest, pushBlob, pushImage } from '../content.ts'
import { sharedStage } from './stage.ts'

const stage = sharedStage()

/** Runs a collection to its end; what it counted. */
async function run(parameters: object): Promise<Record<string, number>> {
  const { registry } = stage()
  const path = '/api/breakwater/v1/collection/runs'
  const body = Buffer.from(JSON.stringify(parameters))
  const begun = await registry.ask('POST', path, { body, headers: { 'content-type': 'application/json' } })
  expect(begun.status).toBe(202)
  const { id } = JSON.parse(begun.text)
  const look = async () => JSON.parse((await registry.ask('GET', `${path}/${id}`)).text)
  await expect.poll(async () => (await look()).state, { timeout: 10_000 }).toBe('Success')
  return (await look()).counts
}

/** Bytes whose record was lost, as when the database crashes a moment after they came. */
async function loseRecord(blob: Blob): Promise<void> {
  await pushBlob(stage().registry, 'library/stray', blob)
  for (const table of ['repository_blob', 'blob', 'review']) {
    await stage().pool.query(`delete from ${table} where digest = $1`, [digestToBytes(blob.digest)])
  }
}

it('takes bytes of the store that have no record where that is asked for, and nothing else', async () => {
  const { registry, store, collect, stateOf } = stage()
  const kept = await pushImage(registry, 'library/kept', '1')
  const [stray, pushedAgain] = [blobOf(), blobOf()]
  for (const blob of [stray, pushedAgain]) await loseRecord(blob)
  const found = { strays: 2, strayBytes: stray.bytes.length + pushedAgain.bytes.length }

  await run({})
  await collect()
  expect(await store.size(stray.digest)).toBe(stray.bytes.length)
  expect(await run({ strays: true, dryRun: true })).toMatchObject(found)
  expect(await stateOf(stray.digest)).toBeUndefined()

  expect(await run({ strays: true })).toMatchObject(found)
  expect(await stateOf(stray.digest)).toBe('doomed')
  const config = configBlob()
  for (const blob of [config, pushedAgain]) await pushBlob(registry, 'library/stray', blob)
  await mustPutManifest(registry, 'library/stray', '1', imageManifest(config, [pushedAgain]))
  await collect()
  expect(await store.size(stray.digest)).toBeUndefined()
  for (const blob of [kept.config, ...kept.layers, pushedAgain]) {
    expect(await stateOf(blob.digest)).toBe('live')
    expect(await store.size(blob.digest)).toBe(blob.bytes.length)
  }
  expect(await run({ strays: true })).toMatchObject({ strays: 0, strayBytes: 0 })
})

it('says what can be asked for', async () => {
  const ask = (body: object) =>
    stage().registry.ask('POST', '/api/breakwater/v1/collection/runs', {
      body: Buffer.from(JSON.stringify(body)),
      headers: { 'content-type': 'application/json' },
    })
  expect((await ask({ sweep: true })).text).toContain('sweep is unknown; there are dryRun, deleteUntagged, strays')
  expect((await ask({ strays: 1 })).text).toContain('strays has to be true or false')
})
