import type { BlobListing, StoredRecords } from '../content/index.ts'

/** The record of a store that a restore is filling, with the id of the backup. */
const name = 'restoring'

export async function setMark(store: StoredRecords, id: string): Promise<void> {
  await store.putRecord(name, Buffer.from(id))
}

export async function clearMark(store: StoredRecords): Promise<void> {
  await store.removeRecord(name)
}

/** Fails with a sentence where a restore into this store has not come to its end: what is there is not all. */
export async function refuseHalfRestored(store: StoredRecords): Promise<void> {
  const id = (await store.getRecord(name))?.toString()
  if (id === undefined) return
  throw new Error(
    `The restore of backup ${id} into this store has not come to its end. Run \`breakwater restore\` again: it goes on ` +
      'where it was.',
  )
}

/** Whether a restore of the backup goes on here; fails with a sentence where the store holds anything else. */
export async function goesOn(store: StoredRecords & BlobListing, id: string): Promise<boolean> {
  const mark = (await store.getRecord(name))?.toString()
  if (mark === id) return true
  if (mark !== undefined) {
    throw new Error(
      `A restore of another backup (${mark}) into this store has not come to its end. Finish that one, or set ` +
        'store.root (BREAKWATER_STORE_ROOT) to a new place. Nothing was changed.',
    )
  }
  const records = await store.listRecords('')
  for await (const { digest } of store.list()) records.push(digest)
  return refuseFull(records)
}

function refuseFull(found: readonly string[]): false {
  if (found.length === 0) return false
  throw new Error(
    `The store is not empty: it holds ${found[0]}. Set store.root (BREAKWATER_STORE_ROOT) to a new place. ` +
      'Nothing was changed.',
  )
}
