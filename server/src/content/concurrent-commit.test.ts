import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { digestOf } from '@breakwater/oci'
import { expect, it, onTestFinished } from 'vitest'
import { UploadMemory } from './batches.ts'
import { openFilesystemStore } from './filesystem.ts'

/** Invariant I2: a published blob never changes, whoever else finishes the upload that it came from. */
it('two commits of one upload at once leave blobs that are what they say', { timeout: 30_000 }, async () => {
  const root = mkdtempSync(join(tmpdir(), 'bw-store-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const store = await openFilesystemStore(root, new UploadMemory(64 << 20))
  const options = { hashing: undefined, progress: () => undefined }
  for (let round = 0; round < 10; round += 1) {
    const upload = randomUUID()
    const bytes = [randomBytes(1 << 20), randomBytes(1 << 20), randomBytes(8 << 20)]
    const parts = bytes.map(({ length }, i) => ({ name: `part${i}`, size: length }))
    for (const [i, part] of bytes.entries()) await store.writePart(upload, `part${i}`, Readable.from([part]), options)
    const [short, long] = [Buffer.concat(bytes.slice(0, 2)), Buffer.concat(bytes)]
    await Promise.allSettled([
      store.commit(upload, parts.slice(0, 2), digestOf(short)),
      store.commit(upload, parts, digestOf(long)),
    ])
    for (const digest of [digestOf(short), digestOf(long)]) {
      const size = await store.size(digest)
      if (size === undefined) continue
      const chunks: Buffer[] = []
      await store.read(digest, 0, size - 1, async (chunk) => {
        chunks.push(Buffer.from(chunk))
      })
      expect(digestOf(Buffer.concat(chunks))).toBe(digest)
    }
  }
})
