import type { Descriptor } from '@breakwater/oci'
import type { ContentStore } from '../../content/index.ts'
import type { Source } from '../reading/task.ts'

export type Blobs = Pick<ContentStore, 'size' | 'read'>

/** All bytes of a blob, for a reader. */
export function sourceOf(store: Blobs, { digest, size }: Descriptor): Source {
  return async (sink) => {
    if (size > 0) await store.read(digest, 0, size - 1, sink)
  }
}

/** A blob that is known to be small. */
export async function readWhole(store: Blobs, { digest, size }: Descriptor): Promise<Buffer> {
  const chunks: Buffer[] = []
  if (size > 0) await store.read(digest, 0, size - 1, async (chunk) => void chunks.push(Buffer.from(chunk)))
  return Buffer.concat(chunks)
}
