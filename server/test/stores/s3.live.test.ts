import { randomBytes, randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Digest, digestOf } from '@breakwater/oci'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UploadMemory } from '../../src/content/batches.ts'
import { describeContentStore } from '../../src/content/conformance.ts'
import { openStore } from '../../src/content/index.ts'
import { blobKey } from '../../src/content/layout.ts'
import { createObjectStore } from '../../src/content/objects/object-store.ts'
import { openS3Bucket } from '../../src/content/objects/s3.ts'
import type { ContentStore, Part } from '../../src/content/store.ts'
import { describeFaults } from './faults.ts'
import { isInstalled, type LiveStore, startS3, storeConfig } from './live-store.ts'
import { describeRedirects } from './redirect.ts'

const options = { hashing: undefined, progress: () => undefined }

describe.skipIf(!isInstalled('versitygw'))('with versitygw (needs ../shared/tools)', () => {
  let live: LiveStore
  beforeAll(async () => {
    live = await startS3()
  })
  afterAll(() => live?.[Symbol.asyncDispose]())

  const config = () => storeConfig(live.env()).store.s3
  /** A store under a prefix of its own. */
  const openFresh = (memory = 64 << 20, limits?: Parameters<typeof openS3Bucket>[2]) =>
    createObjectStore({
      bucket: openS3Bucket(config(), 'blobs', limits),
      prefix: `${randomUUID()}/`,
      memory: new UploadMemory(memory),
    })

  describeContentStore('the S3 store', async () => openFresh())
  describeContentStore('the S3 store, short of memory', async () => openFresh(0))

  describeFaults(() => live)
  describeRedirects(
    () => live,
    (address) => Number(address.searchParams.get('X-Amz-Expires')),
  )

  it('opens by its settings, keeps nothing but blobs at their keys, and serves what another process has written', async () => {
    const env = { ...live.env(), BREAKWATER_STORE_S3_PREFIX: 'a/b/' }
    const [one, other] = [await openStore(storeConfig(env)), await openStore(storeConfig(env))]
    const bytes = randomBytes(20 << 20)
    const digest = digestOf(bytes)
    const upload = randomUUID()
    await one.writePart(upload, 'first', Readable.from([bytes.subarray(0, 10 << 20)]), options)
    await other.writePart(upload, 'second', Readable.from([bytes.subarray(10 << 20)]), options)
    const parts = ['first', 'second'].map((name) => ({ name, size: 10 << 20 }))
    await other.commit(upload, parts, digest)
    expect((await readWhole(one, digest)).equals(bytes)).toBe(true)
    const below = join(live.folder, 'blobs/a/b')
    const files = readdirSync(below, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(files.map((entry) => join(entry.parentPath, entry.name).slice(below.length + 1))).toEqual([blobKey(digest)])
  })

  it.each([
    ['large and small', [20 << 20, 3, 6 << 20, 100, 4 << 20, 1]],
    ['120 crumbs', Array.from({ length: 120 }, (_, i) => 1 + ((i * 7919) % 300_000))],
    ['small first', [3, 9 << 20]],
    ['small last', [9 << 20, 3]],
  ])('joins parts: %s', { timeout: 60_000 }, async (_, sizes) => {
    await joins(openFresh(), sizes)
  })

  it('joins more pieces than one object may have, by objects between', { timeout: 60_000 }, async () => {
    await joins(openFresh(64 << 20, { copies: 'ranges', smallest: 5 << 20, most: 3, group: 2 }), [
      41 << 20,
      9 << 20,
      30 << 20,
    ])
  })

  async function joins(store: ContentStore, sizes: readonly number[]) {
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
    await store.discard(upload)
  }
})

async function readWhole(store: ContentStore, digest: Digest): Promise<Buffer> {
  const size = (await store.size(digest)) ?? 0
  const chunks: Buffer[] = []
  await store.read(digest, 0, size - 1, async (chunk) => {
    chunks.push(Buffer.from(chunk))
  })
  return Buffer.concat(chunks)
}
