import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { algorithmOf, type Digest, digestFromHex, digestOf } from '@breakwater/oci'
import { ContentDamaged, type ContentStore, type Hasher } from '../content/index.ts'

/** Below this, bytes are written at once. */
const smallBytes = 1 << 20

/** Brings a blob into the store; fails where its bytes are others than its digest says. */
export async function storeBlob(
  { store, hasher }: { readonly store: ContentStore; readonly hasher: Hasher },
  { digest, size }: { readonly digest: Digest; readonly size: number },
  body: Readable,
): Promise<void> {
  const algorithm = algorithmOf(digest)
  if (size <= smallBytes) {
    const bytes = await buffer(body)
    if (digestOf(bytes, algorithm) !== digest) throw damaged(digest)
    return store.write(digest, bytes)
  }
  const upload = randomUUID()
  const hashing = hasher.start(algorithm, size)
  try {
    const part = await store.writePart(upload, 'restore', body, { hashing, progress: () => undefined })
    if (!part.complete || part.size !== size) throw damaged(digest)
    if (digestFromHex(algorithm, await hashing.digest()) !== digest) throw damaged(digest)
    await store.commit(upload, [{ name: 'restore', size }], digest)
  } catch (error) {
    hashing.discard()
    await store.discard(upload).catch(() => undefined)
    throw error
  }
}

function damaged(digest: Digest): ContentDamaged {
  return new ContentDamaged(`${digest} has changed since it was checked`)
}
