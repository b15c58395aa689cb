/**
 * content: bytes by digest, and bytes on their way in, in a blob store.
 * Owns tables: none.   Enter by: openStore, watchStore, createHasher.
 * Uses: config.   Never: knows names, projects or who asks.
 */
import { join } from 'node:path'
import type { Config } from '../config/index.ts'
import { UploadMemory } from './batches.ts'
import { clearTemporary, openFilesystemStore } from './filesystem.ts'
import { createObjectStore } from './objects/object-store.ts'
import { openBucket } from './objects/open-bucket.ts'
import type { ContentStore } from './store.ts'

export { createHasher, type Hasher, type Hashing } from './hashing.ts'
export { tryObjectStore } from './objects/open-bucket.ts'
export {
  type BlobListing,
  type BlobReads,
  ContentDamaged,
  ContentMissing,
  type ContentStore,
  type Part,
  type PresignedReads,
  type StoredRecords,
  StoreUnavailable,
} from './store.ts'

export { type Watch, watchStore } from './watched.ts'

/** The folder of the filesystem store. */
export function storeRoot(config: Config): string {
  return config.store.root ?? join(config.dataDir, 'store')
}

/** Opens the configured store. Fails with StoreUnavailable where an object store can't be used. */
export async function openStore(config: Config): Promise<ContentStore> {
  const memory = new UploadMemory(config.limits.uploadMemory)
  const opened = await openBucket(config.store)
  if (opened) {
    const store = createObjectStore({ ...opened, memory })
    await store.space()
    return store
  }
  const root = storeRoot(config)
  const store = await openFilesystemStore(root, memory)
  await clearTemporary(root)
  return store
}
