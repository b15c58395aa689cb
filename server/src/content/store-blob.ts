import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { algorithmOf, type Digest, digestFromHex, digestOf } from '@breakwater/oci'
import type { Hasher } from './hashing.ts'
import { ContentDamaged, type ContentStore } from './store.ts'

/** Below this, bytes are written at once. */
const smallBytes = 1 << 20

interface StoreBlobDeps {
  readonly store: ContentStore
  readonly hasher: Hasher
}

interface Sized {
  readonly digest: Digest
  /** In bytes. */
  readonly size: number
}

/** Brings a blob into the store, if it is not there; fails with ContentDamaged where its bytes are not those of its digest. */
export async function storeBlob(deps: StoreBlobDeps, { digest, size }: Sized, body: Readable): Promise<void> {
  if (size > smallBytes) return replaceBlob(deps, { digest, size }, body)
  const bytes = await buffer(body)
  if (digestOf(bytes, algorithmOf(digest)) !== digest) throw damaged(digest)
  await deps.store.write(digest, bytes)
}

/** The same, also where there are bytes of that digest and size: they are replaced. */
export async function replaceBlob(
  { store, hasher }: StoreBlobDeps,
  { digest, size }: Sized,
  body: Readable,
): Promise<void> {
  const algorithm = algorithmOf(digest)
  const upload = randomUUID()
  const hashing = hasher.start(algorithm, size)
  try {
    const part = await store.writePart(upload, 'whole', body, { hashing, progress: () => undefined })
    if (!part.complete || part.size !== size) throw damaged(digest)
    if (digestFromHex(algorithm, await hashing.digest()) !== digest) throw damaged(digest)
    await store.commit(upload, [{ name: 'whole', size }], digest)
  } catch (error) {
    hashing.discard()
    await store.discard(upload).catch(() => undefined)
    throw error
  }
}

function damaged(digest: Digest): ContentDamaged {
  return new ContentDamaged(`the bytes that were to be ${digest} are others`)
}
