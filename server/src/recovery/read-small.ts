import type { Digest } from '@breakwater/oci'
import type { BlobReads } from '../content/index.ts'

/** A whole blob in memory: manifests, and what may be one. */
export async function readSmall(store: Pick<BlobReads, 'read'>, digest: Digest, size: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  if (size > 0) {
    await store.read(digest, 0, size - 1, async (chunk) => {
      chunks.push(Buffer.from(chunk))
    })
  }
  return Buffer.concat(chunks)
}
