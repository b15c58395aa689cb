import { algorithmOf, type Digest, digestFromHex } from '@breakwater/oci'
import { ContentMissing, type ContentStore, type Hasher } from '../content/index.ts'
import type { SizedBlob } from './queries.ts'

export interface ExamineDeps {
  readonly store: Pick<ContentStore, 'read' | 'size'>
  readonly hasher: Hasher
}

/** Told of the bytes that were read; may take its time. */
export type Pace = (bytes: number) => Promise<void>

/**
 * Reads a blob and hashes it. A sentence where its bytes are missing or others than its digest says; undefined where they
 * are right. Fails where the store can't be read now.
 */
export async function examine(
  { store, hasher }: ExamineDeps,
  { digest, size }: SizedBlob,
  pace: Pace,
): Promise<string | undefined> {
  // An empty read asks the store nothing.
  if (size === 0) return (await store.size(digest)) === undefined ? missing(digest) : undefined
  const algorithm = algorithmOf(digest)
  const hashing = hasher.start(algorithm, size)
  try {
    await store.read(digest, 0, size - 1, async (chunk) => {
      const { length } = chunk
      // The store lends its buffer for this call only, and the hasher keeps what it is given.
      await hashing.update([Buffer.from(chunk)])
      await pace(length)
    })
    const whole = digestFromHex(algorithm, await hashing.digest()) === digest
    return whole ? undefined : `${digest} has other bytes than its digest says`
  } catch (error) {
    hashing.discard()
    if (error instanceof ContentMissing) return missing(digest)
    throw error
  }
}

function missing(digest: Digest): string {
  return `${digest} is not in the store, or ends too early`
}
