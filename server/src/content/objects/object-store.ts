import { randomUUID } from 'node:crypto'
import type { Digest } from '@breakwater/oci'
import { drainInBatches, type UploadMemory } from '../batches.ts'
import { blobKey, joinedKey, segmentKey, segmentPrefix, temporaryKey, uploadFolder } from '../layout.ts'
import { ContentMissing, type ContentStore, type Part, StoreUnavailable } from '../store.ts'
import type { Bucket, Extent, ListedObject } from './bucket.ts'
import { bucketRecords, listBlobObjects } from './bucket-records.ts'
import { eachOf } from './each.ts'
import { joinExtents } from './join.ts'
import { lengthOf } from './plan-join.ts'
import { readRange } from './read-range.ts'
import { answerWithin, persist } from './retry.ts'
import { SegmentWriter } from './segment-writer.ts'

export interface ObjectStoreOptions {
  readonly bucket: Bucket
  /** Before every key: empty, or with a slash at its end. */
  readonly prefix: string
  readonly memory: UploadMemory
}

/**
 * Content in a bucket of an object store. A part is a row of segments, each an object that is written once, so every
 * process finds what another had stored when it died. At the end the store joins them into the blob's object.
 */
export function createObjectStore({ bucket, prefix, memory }: ObjectStoreOptions): ContentStore {
  const at = (key: string) => prefix + key

  async function list(from: string): Promise<ListedObject[]> {
    const found: ListedObject[] = []
    let next: string | undefined
    do {
      const page = await persist(bucket, 'a list', () => bucket.list(at(from), next))
      found.push(...page.objects)
      next = page.next
    } while (next !== undefined)
    return found
  }

  async function remove(keys: readonly string[]): Promise<void> {
    const { removesAtOnce: width } = bucket
    const batches = Array.from({ length: Math.ceil(keys.length / width) }, (_, i) =>
      keys.slice(i * width, (i + 1) * width),
    )
    await eachOf(batches, 8, (batch) => persist(bucket, 'an object to remove', () => bucket.remove(batch)))
  }

  /** Whoever has stored an object under a digest asks what the store has made of it. */
  async function checkStored(digest: Digest, size: number): Promise<void> {
    const stored = await store.size(digest)
    if (stored === size) return
    await store.remove(digest)
    const kept = stored === undefined ? 'has lost it' : `kept ${stored} of its ${size} bytes`
    throw new StoreUnavailable(`the blob store took a blob and ${kept}`, undefined)
  }

  const store: ContentStore = {
    ...bucketRecords(bucket, prefix),
    list: () => listBlobObjects(bucket, prefix),

    size: (digest) => persist(bucket, digest, () => bucket.size(at(blobKey(digest))), answerWithin),

    read: (digest, start, end, sink) => readRange(bucket, at(blobKey(digest)), { start, end, what: digest }, sink),

    async writePart(upload, part, body, { hashing, progress }) {
      const put = (index: number, bytes: Buffer) => {
        const key = at(segmentKey(upload, part, index))
        // Of a second attempt, the object may be what the first has left.
        return persist(bucket, `part ${part}`, (attempt) => bucket.put(key, bytes, attempt === 1))
      }
      const writer = new SegmentWriter(memory, put, progress)
      try {
        const complete = await drainInBatches(body, memory, async (chunks, size) => {
          // Copied first: hashing takes the chunks away.
          const bytes = Buffer.concat(chunks, size)
          await Promise.all([hashing?.update(chunks), writer.add(bytes)])
        })
        return { size: await writer.end(), complete }
      } finally {
        await writer.discard()
      }
    },

    async readParts(upload, parts, sink) {
      const what = `upload ${upload}`
      for (const { key, start, length } of extentsOf(upload, parts, await listUpload(upload, parts))) {
        await readRange(bucket, key, { start, end: start + length - 1, what }, sink)
      }
    },

    async commit(upload, parts, digest) {
      const listed = await list(`${uploadFolder(upload)}/`)
      const extents = extentsOf(upload, parts, listed)
      const made: string[] = []
      const between = (name: string) => {
        const key = at(joinedKey(upload, name))
        made.push(key)
        return key
      }
      await joinExtents({ bucket, memory, between, what: `upload ${upload}` }, at(blobKey(digest)), extents)
      await checkStored(digest, lengthOf(extents))
      await remove([...listed.map(({ key }) => key), ...made])
    },

    async discardPart(upload, part) {
      const listed = await list(segmentPrefix(upload, part)).catch(() => [])
      await remove(listed.map(({ key }) => key)).catch(() => undefined)
    },

    async discard(upload) {
      const listed = await list(`${uploadFolder(upload)}/`)
      await remove(listed.map(({ key }) => key))
    },

    async write(digest, bytes) {
      if ((await store.size(digest)) === bytes.length) return
      await persist(bucket, digest, () => bucket.put(at(blobKey(digest)), bytes, false))
      await checkStored(digest, bytes.length)
    },

    remove: (digest) => remove([at(blobKey(digest))]),

    async space() {
      await checkBucket(bucket)
      return undefined
    },

    presign: (digest, seconds) => persist(bucket, digest, () => bucket.presign(at(blobKey(digest)), seconds)),
  }

  function listUpload(upload: string, parts: readonly Part[]): Promise<ListedObject[]> {
    const [only] = parts
    return list(parts.length === 1 && only ? segmentPrefix(upload, only.name) : `${uploadFolder(upload)}/`)
  }

  /** Where the bytes of the parts are, in order. Fails with ContentMissing where some are not there. */
  function extentsOf(upload: string, parts: readonly Part[], listed: readonly ListedObject[]): Extent[] {
    const sizes = new Map(listed.map(({ key, size }) => [key, size]))
    const extents: Extent[] = []
    for (const { name, size } of parts) {
      for (let left = size, index = 0; left > 0; index += 1) {
        const key = at(segmentKey(upload, name, index))
        const stored = sizes.get(key)
        if (!stored) throw new ContentMissing(`upload ${upload}`)
        const length = Math.min(stored, left)
        extents.push({ key, start: 0, length, whole: length === stored })
        left -= length
      }
    }
    return extents
  }

  return store
}

/** Writes, reads and removes a small object; resolves with the milliseconds that this took. */
export async function tryBucket(bucket: Bucket, prefix: string): Promise<number> {
  const key = prefix + temporaryKey(randomUUID())
  const content = Buffer.from(randomUUID())
  const started = performance.now()
  await checkBucket(bucket)
  await persist(bucket, key, () => bucket.put(key, content, true))
  try {
    const chunks: Buffer[] = []
    await readRange(bucket, key, { start: 0, end: content.length - 1, what: key }, async (chunk) => {
      chunks.push(Buffer.from(chunk))
    })
    if (!Buffer.concat(chunks).equals(content)) throw new Error('what was written reads back as something else')
  } finally {
    await persist(bucket, key, () => bucket.remove([key]))
  }
  return Math.round(performance.now() - started)
}

async function checkBucket(bucket: Bucket): Promise<void> {
  try {
    await persist(bucket, 'the bucket', () => bucket.check())
  } catch (error) {
    if (error instanceof ContentMissing) throw new StoreUnavailable('the blob store has no such bucket', error)
    throw error
  }
}
