import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { type Digest, digestOf } from '@breakwater/oci'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UploadMemory } from '../../src/content/batches.ts'
import { describeContentStore } from '../../src/content/conformance.ts'
import { openStore } from '../../src/content/index.ts'
import { blobKey } from '../../src/content/layout.ts'
import type { Bucket, JoinLimits } from '../../src/content/objects/bucket.ts'
import { createObjectStore } from '../../src/content/objects/object-store.ts'
import type { ContentStore, Part } from '../../src/content/store.ts'
import { checkObjectStore } from '../../src/diagnose/object-store.ts'
import { describeFaults } from './faults.ts'
import { isInstalled, type LiveStore, storeConfig } from './live-store.ts'
import { describeRedirects } from './redirect.ts'

export interface LiveSuite {
  readonly program: string
  readonly start: () => Promise<LiveStore>
  /** Opens the bucket that these settings name. */
  readonly open: (store: ReturnType<typeof storeConfig>['store'], limits?: JoinLimits) => Bucket
  /** The variable of the setting `prefix`. */
  readonly prefix: string
  /** Limits that three pieces are too many for. */
  readonly fewPieces: JoinLimits
  /** Seconds that a presigned address says it is good for. */
  readonly expiryOf: (address: URL) => number
  /** How the store tells a size: in a header of its answer to HEAD, or in what it answers to GET. */
  readonly tellsSizeIn: 'header' | 'body'
}

const options = { hashing: undefined, progress: () => undefined }

/** Everything that has to hold on an object store, with the real program. */
export function describeLiveStore(suite: LiveSuite): void {
  describe.skipIf(!isInstalled(suite.program))(`with ${suite.program} (needs ../shared/tools)`, () => {
    let live: LiveStore
    beforeAll(async () => {
      live = await suite.start()
    })
    afterAll(() => live?.[Symbol.asyncDispose]())

    /** A store under a prefix of its own. */
    const openFresh = (memory = 64 << 20, limits?: JoinLimits) =>
      createObjectStore({
        bucket: suite.open(storeConfig(live.env()).store, limits),
        prefix: `${randomUUID()}/`,
        memory: new UploadMemory(memory),
      })

    describeContentStore('an object store', async () => openFresh())
    describeContentStore('an object store, short of memory', async () => openFresh(0))
    describeFaults(() => live, suite.tellsSizeIn)
    describeRedirects(() => live, suite.expiryOf)

    it('opens by its settings, keeps nothing but blobs at their keys, and joins what two processes have taken', async () => {
      const env = { ...live.env(), [suite.prefix]: 'a/b/' }
      const [one, other] = [await openStore(storeConfig(env)), await openStore(storeConfig(env))]
      const bytes = randomBytes(20 << 20)
      const digest = digestOf(bytes)
      const upload = randomUUID()
      await one.writePart(upload, 'first', Readable.from([bytes.subarray(0, 10 << 20)]), options)
      await other.writePart(upload, 'second', Readable.from([bytes.subarray(10 << 20)]), options)
      const parts = ['first', 'second'].map((name) => ({ name, size: 10 << 20 }))
      await other.commit(upload, parts, digest)
      expect((await readWhole(one, digest)).equals(bytes)).toBe(true)
      const { objects } = await suite.open(storeConfig(env).store).list('a/b/', undefined)
      expect(objects).toEqual([{ key: `a/b/${blobKey(digest)}`, size: bytes.length }])
    })

    it('is tried by the doctor, who says what is wrong', async () => {
      const [tried] = await checkObjectStore(storeConfig(live.env()))
      expect(tried?.message).toMatch(/blobs of http:.* takes, gives back and removes a small object in \d+ ms$/)
      expect(await checkObjectStore(storeConfig(live.absent()))).toMatchObject([
        { status: 'failed', message: expect.stringContaining('cannot be used: the blob store has no such bucket') },
      ])
    })

    it('fails to open a bucket that is not there', async () => {
      const opening = openStore(storeConfig(live.absent()))
      await expect(opening).rejects.toThrow('the blob store has no such bucket')
    })

    it('joins parts that are large and small, first and last', { timeout: 60_000 }, async () => {
      await joins(openFresh(), [20 << 20, 3, 6 << 20, 100, 4 << 20, 1])
      await joins(openFresh(), [3, 9 << 20])
      await joins(openFresh(), [9 << 20, 3])
    })

    it('joins 120 crumbs', { timeout: 60_000 }, async () => {
      await joins(
        openFresh(),
        Array.from({ length: 120 }, (_, i) => 1 + ((i * 7919) % 300_000)),
      )
    })

    it('joins more pieces than one object may have, by objects between', { timeout: 60_000 }, async () => {
      await joins(openFresh(64 << 20, suite.fewPieces), [41 << 20, 9 << 20, 30 << 20])
    })

    it('joins two uploads of one blob at once', { timeout: 60_000 }, async () => {
      const store = openFresh()
      const bytes = randomBytes(30 << 20)
      const digest = digestOf(bytes)
      const uploads = await Promise.all(
        [1, 11, 29].map(async (first) => {
          const upload = randomUUID()
          const pieces = [bytes.subarray(0, first << 20), bytes.subarray(first << 20)]
          for (const [i, piece] of pieces.entries())
            await store.writePart(upload, `part${i}`, Readable.from([piece]), options)
          return { upload, parts: pieces.map(({ length }, i) => ({ name: `part${i}`, size: length })) }
        }),
      )
      await Promise.all(uploads.map(({ upload, parts }) => store.commit(upload, parts, digest)))
      expect((await readWhole(store, digest)).equals(bytes)).toBe(true)
    })
  })
}

async function joins(store: ContentStore, sizes: readonly number[]): Promise<void> {
  const upload = randomUUID()
  const bytes = sizes.map((size) => randomBytes(size))
  const parts: Part[] = []
  for (const [i, part] of bytes.entries()) {
    await store.writePart(upload, `part${i}`, Readable.from([part]), options)
    parts.push({ name: `part${i}`, size: part.length })
  }
  const whole = Buffer.concat(bytes)
  await store.commit(upload, parts, digestOf(whole))
  expect((await readWhole(store, digestOf(whole))).equals(whole)).toBe(true)
}

async function readWhole(store: ContentStore, digest: Digest): Promise<Buffer> {
  const size = (await store.size(digest)) ?? 0
  const chunks: Buffer[] = []
  await store.read(digest, 0, size - 1, async (chunk) => {
    chunks.push(Buffer.from(chunk))
  })
  return Buffer.concat(chunks)
}
