import { parseDigest } from '@breakwater/oci'
import { blobAlgorithms, recordKey, recordsFolder } from '../layout.ts'
import { ContentMissing, type ListedBlob, type StoredRecords } from '../store.ts'
import type { Bucket, ListedObject } from './bucket.ts'
import { readRange } from './read-range.ts'
import { persist } from './retry.ts'

/** Records as objects. */
export function bucketRecords(bucket: Bucket, prefix: string): StoredRecords {
  return {
    async putRecord(name, bytes) {
      const key = prefix + recordKey(name)
      await persist(bucket, name, () => bucket.put(key, bytes, false))
    },

    async getRecord(name) {
      const key = prefix + recordKey(name)
      const size = await persist(bucket, name, () => bucket.size(key))
      if (size === undefined) return undefined
      const chunks: Buffer[] = []
      try {
        if (size > 0) {
          await readRange(bucket, key, { start: 0, end: size - 1, what: name }, async (chunk) => {
            chunks.push(Buffer.from(chunk))
          })
        }
      } catch (error) {
        if (error instanceof ContentMissing) return undefined
        throw error
      }
      return Buffer.concat(chunks)
    },

    async listRecords(from) {
      const folder = `${prefix}${recordsFolder}/`
      const names: string[] = []
      for await (const { key } of listObjects(bucket, folder + from)) names.push(key.slice(folder.length))
      return names.sort()
    },

    removeRecord: (name) => persist(bucket, name, () => bucket.remove([prefix + recordKey(name)])),
  }
}

/** Every blob below the prefix; what is no blob there is passed over. */
export async function* listBlobObjects(bucket: Bucket, prefix: string): AsyncGenerator<ListedBlob> {
  for (const algorithm of blobAlgorithms) {
    for await (const { key, size } of listObjects(bucket, `${prefix}blobs/${algorithm}/`)) {
      const digest = parseDigest(`${algorithm}:${key.slice(key.lastIndexOf('/') + 1)}`)
      if (digest) yield { digest, size }
    }
  }
}

async function* listObjects(bucket: Bucket, from: string): AsyncGenerator<ListedObject> {
  let next: string | undefined
  do {
    const page = await persist(bucket, 'a list', () => bucket.list(from, next))
    yield* page.objects
    next = page.next
  } while (next !== undefined)
}
