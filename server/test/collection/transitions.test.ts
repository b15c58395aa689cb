import { digestToBytes } from '@breakwater/oci'
import { expect, it } from 'vitest'
import { announceDeletions, doomBlobs, removeDoomedLinks } from '../../src/blobs/index.ts'
import { dropLinks, reviewBlobs, reviewLinks, reviewManifests } from '../../src/collection/stages.ts'
import { transaction } from '../../src/metadata/index.ts'
import { blobOf, configBlob, imageManifest, mustPutManifest, pushBlob, pushImage, putManifest } from '../content.ts'
import { past, sharedStage } from './stage.ts'

const stage = sharedStage()
const day = { undo: 86_400_000, grace: 7_200_000 }

const remove = (repository: string, reference: string) =>
  stage().registry.ask('DELETE', `/v2/${repository}/manifests/${reference}`)

it('deletes an artifact that was removed, with its blobs and what is known of them, and nothing else', async () => {
  const { registry, store, collect, stateOf } = stage()
  const kept = await pushImage(registry, 'library/kept', '1')
  const gone = await pushImage(registry, 'library/gone', '1')
  await remove('library/gone', gone.digest)
  await collect()
  for (const digest of [gone.digest, gone.config.digest, ...gone.layers.map((layer) => layer.digest)]) {
    expect(await stateOf(digest)).toBeUndefined()
    expect(await store.size(digest)).toBeUndefined()
  }
  for (const digest of [kept.digest, kept.config.digest, ...kept.layers.map((layer) => layer.digest)]) {
    expect(await stateOf(digest)).toBe('live')
    expect(await store.size(digest)).toBeGreaterThan(0)
  }
  const left = await registry.query(
    'select from manifest where digest = $1 union all select from scan where digest = $1',
    [digestToBytes(gone.digest)],
  )
  expect(left).toEqual([])
  expect((await registry.query('select from review')).length).toBe(0)
})

it('deletes a blob that was uploaded and never used, and one whose last repository was taken from it', async () => {
  const { registry, store, collect } = stage()
  const [never, unlinked] = [blobOf(), blobOf()]
  await pushBlob(registry, 'library/never', never)
  await pushBlob(registry, 'library/never', unlinked)
  expect((await registry.ask('DELETE', `/v2/library/never/blobs/${unlinked.digest}`)).status).toBe(202)
  await collect()
  expect(await store.size(never.digest)).toBeUndefined()
  expect(await store.size(unlinked.digest)).toBeUndefined()
})

it('leaves everything until the undo window and the grace period have passed', async () => {
  const { registry, pool, store, stateOf, linked } = stage()
  const image = await pushImage(registry, 'library/young', '1')
  const { digest } = image.config
  await remove('library/young', image.digest)
  expect(await reviewLinks(pool, day, 100)).toMatchObject({ done: 0 })
  expect(await reviewManifests(pool, day, 100)).toMatchObject({ done: 0 })
  expect(await linked('library/young', digest)).toBe(true)

  expect(await reviewLinks(pool, { ...day, undo: 0 }, 100)).toMatchObject({ done: 2 })
  expect(await linked('library/young', digest)).toBe(false)
  expect(await dropLinks(pool, day, 100)).toEqual({ seen: 0, done: 0 })
  expect(await dropLinks(pool, past, 100)).toEqual({ seen: 2, done: 2 })
  expect(await stateOf(digest)).toBe('live')
  await reviewBlobs(pool, 100)
  expect(await stateOf(digest)).toBe('doomed')
  const early = await transaction(pool, (tx) => announceDeletions(tx, day.grace, 100))
  expect(early.deletions).toEqual([])
  await transaction(pool, (tx) => announceDeletions(tx, 0, 100))
  expect(await stateOf(digest)).toBe('deleting')
  expect(await store.size(digest)).toBeDefined()
})

it('revives a doomed link for the manifest that names it, and hides it from everybody else', async () => {
  const { registry, pool, collect, linked, store } = stage()
  const [config, layer] = [configBlob(), blobOf()]
  for (const blob of [config, layer]) await pushBlob(registry, 'library/late', blob)
  await reviewLinks(pool, past, 1_000)
  expect(await linked('library/late', layer.digest)).toBe(false)
  const mount = `/v2/library/elsewhere/blobs/uploads/?mount=${layer.digest}&from=library/late`
  expect((await registry.ask('POST', mount)).status).toBe(202)
  await mustPutManifest(registry, 'library/late', '1', imageManifest(config, [layer]))
  expect(await linked('library/late', layer.digest)).toBe(true)
  await collect()
  expect(await store.size(layer.digest)).toBe(layer.bytes.length)
  expect(await linked('library/late', layer.digest)).toBe(true)
})

it('revives a doomed blob that is uploaded again, and a doomed link', async () => {
  const { registry, pool, stateOf, linked } = stage()
  const blob = blobOf()
  await pushBlob(registry, 'library/again', blob)
  await reviewLinks(pool, past, 1_000)
  await pushBlob(registry, 'library/again', blob)
  expect(await linked('library/again', blob.digest)).toBe(true)

  await reviewLinks(pool, past, 1_000)
  await registry.query('update repository_blob set doomed_at = now() where digest = $1', [digestToBytes(blob.digest)])
  await dropLinks(pool, past, 1_000)
  await reviewBlobs(pool, 1_000)
  expect(await stateOf(blob.digest)).toBe('doomed')
  await pushBlob(registry, 'library/other', blob)
  expect(await stateOf(blob.digest)).toBe('live')
})

it('counts the window of a blob from its last upload, and of a manifest from its last removal', async () => {
  const { registry, pool, linked } = stage()
  const image = await pushImage(registry, 'library/twice', '1')
  await remove('library/twice', image.digest)
  await registry.query(`update review set queued_at = now() - interval '2 days'`)
  await registry.query(`update repository_blob set linked_at = now() - interval '2 days'`)
  await pushBlob(registry, 'library/twice', image.config)
  await mustPutManifest(registry, 'library/twice', '1', image.bytes)
  await remove('library/twice', image.digest)
  await reviewLinks(pool, day, 1_000)
  await reviewManifests(pool, day, 1_000)
  expect(await linked('library/twice', image.config.digest)).toBe(true)
  const [layer] = image.layers
  expect(layer && (await linked('library/twice', layer.digest))).toBe(true)
  expect((await putManifest(registry, 'library/twice', '1', image.bytes)).status).toBe(201)
})

it('keeps what another repository has, and the bytes of a manifest that was also pushed as a blob', async () => {
  const { registry, store, collect } = stage()
  const image = await pushImage(registry, 'library/first', '1')
  for (const blob of [image.config, ...image.layers]) {
    const mount = `/v2/library/second/blobs/uploads/?mount=${blob.digest}&from=library/first`
    expect((await registry.ask('POST', mount)).status).toBe(201)
  }
  await mustPutManifest(registry, 'library/second', '1', image.bytes)
  await pushBlob(registry, 'library/third', { digest: image.digest, bytes: image.bytes })
  await remove('library/first', image.digest)
  await collect()
  expect(await store.size(image.config.digest)).toBe(image.config.bytes.length)
  expect(await store.size(image.digest)).toBe(image.bytes.length)
  expect((await registry.ask('GET', '/v2/library/second/manifests/1')).status).toBe(200)
  await remove('library/second', image.digest)
  await collect()
  expect(await store.size(image.digest)).toBeUndefined()
})

it('takes back what it was about to do where something names it after all', async () => {
  const { registry, pool, stateOf } = stage()
  const image = await pushImage(registry, 'library/needed', '1')
  await registry.query('update repository_blob set doomed_at = now() where digest = $1', [
    digestToBytes(image.config.digest),
  ])
  expect(await transaction(pool, (tx) => removeDoomedLinks(tx, 0, 1_000))).toMatchObject({ removed: 0 })
  expect(await transaction(pool, (tx) => doomBlobs(tx, [image.config.digest, image.digest]))).toBe(0)
  await registry.query(`update blob set state = 'doomed', doomed_at = now() where digest = any($1)`, [
    [image.config.digest, image.digest].map(digestToBytes),
  ])
  const { deletions } = await transaction(pool, (tx) => announceDeletions(tx, 0, 1_000))
  expect(deletions).toEqual([])
  expect(await stateOf(image.config.digest)).toBe('live')
  expect(await stateOf(image.digest)).toBe('live')
})
