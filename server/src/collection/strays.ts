import { doomStrays, type StoredBlob, withoutRecord } from '../blobs/index.ts'
import type { ContentStore } from '../content/index.ts'
import type { Pool } from '../metadata/index.ts'

/** Bytes in the store that the database knows nothing of. */
export interface Strays {
  readonly strays: number
  readonly strayBytes: number
}

/** Blobs that the database is asked about at once. */
const batch = 1_000

/**
 * Reads the whole list of the store for bytes that have no record: a crash of the database may lose the record of bytes
 * that arrived a moment ago. With `doom` they are doomed as if nothing named them any more, and the protocol goes on from
 * there. Never done unasked: after the loss of a database such bytes are all that is left of a registry.
 */
export async function findStrays(
  { pool, store }: { readonly pool: Pool; readonly store: Pick<ContentStore, 'list'> },
  { doom, signal }: { readonly doom: boolean; readonly signal: AbortSignal },
): Promise<Strays> {
  let found: Strays = { strays: 0, strayBytes: 0 }
  const look = async (listed: readonly StoredBlob[]) => {
    signal.throwIfAborted()
    const strays = await (doom ? doomStrays(pool, listed) : withoutRecord(pool, listed))
    found = {
      strays: found.strays + strays.length,
      strayBytes: found.strayBytes + strays.reduce((sum, { size }) => sum + size, 0),
    }
  }
  let listed: StoredBlob[] = []
  for await (const blob of store.list()) {
    listed.push(blob)
    if (listed.length < batch) continue
    await look(listed)
    listed = []
  }
  await look(listed)
  return found
}
