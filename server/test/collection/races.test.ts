import { Readable } from 'node:stream'
import { type Digest, digestToBytes } from '@breakwater/oci'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  announceDeletions,
  createUploads,
  endDeletions,
  linkAllFromRepository,
  reserveBlob,
} from '../../src/blobs/index.ts'
import { dropLinks, reviewBlobs, reviewLinks } from '../../src/collection/stages.ts'
import { createHasher } from '../../src/content/index.ts'
import { system } from '../../src/ledger/index.ts'
import { transaction } from '../../src/metadata/index.ts'
import { type Answer, type Ask, ask } from '../client.ts'
import { type Blob, blobOf, imageManifest, mustPutManifest, pushBlob, pushImage, putManifest } from '../content.ts'
import { admin, type TestRegistry } from '../registry.ts'
import { past, sharedStage } from './stage.ts'

/** Invariant I6, at each point where a push and a collector of another process can meet. */
const stage = sharedStage()
let twin: Awaited<ReturnType<TestRegistry['twin']>>
beforeAll(async () => {
  twin = await stage().registry.twin()
})
afterAll(() => twin[Symbol.asyncDispose]())

const other = {
  ask: (method: string, path: string, asked?: Ask): Promise<Answer> =>
    ask(twin.origin, method, path, { auth: admin, ...asked }),
}

/** A collector that stops before it deletes the bytes of `digest`, until it is released, and does nothing after that batch. */
function heldCollector(digest: Digest) {
  const reached = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const ending = new AbortController()
  const done = stage()
    .collector(async (one) => {
      if (one === digest) {
        reached.resolve()
        await held.promise
      }
      await stage().store.remove(one)
    })
    .collect(ending.signal)
    .catch((error: unknown) => {
      if (!ending.signal.aborted) throw error
    })
  const release = () => {
    ending.abort()
    held.resolve()
  }
  return { reached: reached.promise, release, done }
}

/** Whether a promise is settled by the time that a request after it has been answered. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let over = false
  promise.then(
    () => {
      over = true
    },
    () => {
      over = true
    },
  )
  for (let i = 0; i < 20; i += 1) await other.ask('GET', '/v2/')
  return over
}

async function expectServed(repository: string, blob: Blob): Promise<void> {
  for (const server of [stage().registry, other]) {
    const answer = await server.ask('GET', `/v2/${repository}/blobs/${blob.digest}`)
    expect(answer.status).toBe(200)
    expect(answer.bytes.equals(blob.bytes)).toBe(true)
  }
}

it('a push of bytes that are being deleted waits, and stores them again', async () => {
  const blob = blobOf()
  await pushBlob(stage().registry, 'library/one', blob)
  const collector = heldCollector(blob.digest)
  await collector.reached
  expect(await stage().stateOf(blob.digest)).toBe('deleting')
  const pushing = pushBlob(other, 'library/two', blob)
  expect(await settled(pushing)).toBe(false)
  collector.release()
  await pushing
  await collector.done
  await expectServed('library/two', blob)
  expect(await stage().stateOf(blob.digest)).toBe('live')
})

it('a manifest whose bytes are being deleted waits as well', async () => {
  const { registry } = stage()
  const image = await pushImage(registry, 'library/manifest', '1')
  for (const blob of [image.config, ...image.layers]) await pushBlob(registry, 'library/again', blob)
  // Another image needs the same blobs.
  const similar = imageManifest(image.config, image.layers, { annotations: { similar: 'yes' } })
  await mustPutManifest(registry, 'library/again', 'similar', similar)
  await registry.ask('DELETE', `/v2/library/manifest/manifests/${image.digest}`)
  const collector = heldCollector(image.digest)
  await collector.reached
  const putting = putManifest(other, 'library/again', '1', image.bytes)
  expect(await settled(putting)).toBe(false)
  collector.release()
  expect((await putting).status).toBe(201)
  await collector.done
  await stage().collect()
  expect(await stage().store.size(image.digest)).toBe(image.bytes.length)
  for (const blob of [image.config, ...image.layers]) await expectServed('library/again', blob)
})

it('what a dead collector has announced is taken over by a push, and its late end deletes nothing', async () => {
  const { registry, pool, store, collect, stateOf } = stage()
  const blob = blobOf()
  await pushBlob(registry, 'library/dead', blob)
  await reviewLinks(pool, past, 1_000)
  await dropLinks(pool, past, 1_000)
  await reviewBlobs(pool, 1_000)
  const { deletions } = await transaction(pool, (tx) => announceDeletions(tx, 0, 1_000))
  expect(deletions.map(({ digest }) => digest)).toContain(blob.digest)
  await store.remove(blob.digest)

  const pushing = pushBlob(other, 'library/dead', blob)
  expect(await settled(pushing)).toBe(false)
  await registry.query(`update blob set deleting_at = deleting_at - interval '1 hour' where digest = $1`, [
    digestToBytes(blob.digest),
  ])
  await pushing
  await transaction(pool, (tx) => endDeletions(tx, deletions))
  expect(await stateOf(blob.digest)).toBe('live')
  await expectServed('library/dead', blob)
  await collect()
})

it('another collector ends what a dead one has announced', async () => {
  const { registry, pool, store, collect, stateOf } = stage()
  const blob = blobOf()
  await pushBlob(registry, 'library/left', blob)
  await reviewLinks(pool, past, 1_000)
  await dropLinks(pool, past, 1_000)
  await reviewBlobs(pool, 1_000)
  await transaction(pool, (tx) => announceDeletions(tx, 0, 1_000))
  await collect()
  expect(await stateOf(blob.digest)).toBe('deleting')
  await registry.query(`update blob set deleting_at = deleting_at - interval '1 hour' where state = 'deleting'`)
  await collect()
  expect(await stateOf(blob.digest)).toBeUndefined()
  expect(await store.size(blob.digest)).toBeUndefined()
})

it('a deletion that fails is tried again, and nobody is told that the blob is there', async () => {
  const { registry, collector, collect, stateOf, linked } = stage()
  const blob = blobOf()
  await pushBlob(registry, 'library/failing', blob)
  const failing = collector(() => Promise.reject(new Error('the store is away')))
  expect(await failing.collect(AbortSignal.timeout(30_000))).toMatchObject({ blobs: 0, failed: 1 })
  expect(await stateOf(blob.digest)).toBe('deleting')
  expect(await linked('library/failing', blob.digest)).toBe(false)
  await registry.query(`update blob set deleting_at = deleting_at - interval '1 hour' where state = 'deleting'`)
  await collect()
  expect(await stateOf(blob.digest)).toBeUndefined()
})

/** An upload of this process that stops before its bytes are in place, and what became of it. */
async function heldUpload(repository: string, blob: Blob) {
  const { registry, pool, store } = stage()
  await pushBlob(registry, repository, blobOf())
  const [place] = await registry.query<{ id: string }>('select id from repository where name = $1', [
    repository.split('/')[1],
  ])
  const [reached, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const hasher = createHasher(1)
  const uploads = createUploads({
    pool,
    relaxed: pool,
    hasher,
    store: {
      ...store,
      commit: async (...args) => {
        reached.resolve()
        await held.promise
        await store.commit(...args)
      },
    },
    limits: { uploadExpiry: 3_600_000, blobBytes: 1 << 20 },
  })
  const repositoryId = Number(place?.id)
  const target = { id: await uploads.start(repositoryId, system), repositoryId, repository }
  const chunk = { body: Readable.from([blob.bytes]), length: blob.bytes.length, range: undefined }
  const done = uploads.finish(target, chunk, blob.digest, system).finally(() => hasher[Symbol.asyncDispose]())
  done.catch(() => undefined)
  await reached.promise
  return { done, release: () => held.resolve() }
}

it('an upload that is about to name its bytes is not disturbed within the grace period', async () => {
  const { registry, pool } = stage()
  const blob = blobOf()
  const upload = await heldUpload('library/slow', blob)
  await transaction(pool, (tx) => announceDeletions(tx, 7_200_000, 1_000))
  upload.release()
  await upload.done
  await expectServed('library/slow', blob)
  expect(registry.origin).not.toBe(twin.origin)
})

it('one that takes longer is refused, and leaves no name without bytes', async () => {
  const { stateOf, collect, linked } = stage()
  const blob = blobOf()
  const upload = await heldUpload('library/slower', blob)
  await collect()
  expect(await stateOf(blob.digest)).toBeUndefined()
  upload.release()
  await expect(upload.done).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(await linked('library/slower', blob.digest)).toBe(false)

  // Nor does it name what another is bringing meanwhile.
  const again = await heldUpload('library/slower', blob)
  await collect()
  await reserveBlob(stage().pool, blob.digest, blob.bytes.length)
  again.release()
  await expect(again.done).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(await linked('library/slower', blob.digest)).toBe(false)
})

it('a collector leaves what a mount or a manifest holds, and comes back to it', async () => {
  const { registry, pool, collect, store } = stage()
  const blob = blobOf()
  await pushBlob(registry, 'library/source', blob)
  await pushBlob(registry, 'library/target', blobOf())
  const ids = await registry.query<{ id: string; name: string }>(
    `select id, name from repository where name in ('source', 'target') order by name`,
  )
  const [source, target] = ids.map(({ id }) => Number(id))
  const mounted = await transaction(pool, async (tx) => {
    const linked = await linkAllFromRepository(tx, target ?? 0, source ?? 0, [blob.digest])
    await collect()
    return linked
  })
  expect(mounted).toBe(true)
  await expectServed('library/target', blob)
  expect((await registry.query('select from review where digest = $1', [digestToBytes(blob.digest)])).length).toBe(2)
  await registry.query('update review set queued_at = now()')
  await collect()
  expect(await store.size(blob.digest)).toBeUndefined()
})

it('many collectors at once delete each blob once', async () => {
  const { registry, collector, store } = stage()
  const blobs = Array.from({ length: 60 }, () => blobOf())
  for (const blob of blobs) await pushBlob(registry, 'library/many', blob)
  const removed: Digest[] = []
  const remove = async (digest: Digest) => {
    removed.push(digest)
    await store.remove(digest)
  }
  await Promise.all(Array.from({ length: 4 }, () => collector(remove).collect(AbortSignal.timeout(60_000))))
  await collector(remove).collect(AbortSignal.timeout(60_000))
  expect(removed.length).toBe(new Set(removed).size)
  for (const { digest } of blobs) expect(removed).toContain(digest)
})
