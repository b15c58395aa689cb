/**
 * content: bytes by digest, and bytes on their way in, in a blob store.
 * Owns tables: none.   Enter by: openStore, watchStore, createHasher.
 * Uses: config.   Never: knows names, projects or who asks.
 */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config/index.ts'
import { UploadMemory } from './batches.ts'
import { clearTemporary, openFilesystemStore } from './filesystem.ts'
import { createObjectStore } from './objects/object-store.ts'
import { openBucket } from './objects/open-bucket.ts'
import { type BlobReads, type ContentStore, StoreUnavailable } from './store.ts'

export { blobStream } from './blob-stream.ts'
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
export { replaceBlob, storeBlob } from './store-blob.ts'

export { type Watch, watchStore } from './watched.ts'

/** The folder of the filesystem store. */
export function storeRoot(config: Config): string {
  return config.store.root ?? join(config.dataDir, 'store')
}

/** Opens the store of another registry, to read its blobs. Fails with StoreUnavailable where it can't be used. */
export async function openForReading(config: Config): Promise<Pick<BlobReads, 'read'>> {
  const memory = new UploadMemory(config.limits.uploadMemory)
  const opened = await openBucket(config.store)
  if (opened) return createObjectStore({ ...opened, memory })
  const root = storeRoot(config)
  // A disk that is not mounted must not become an empty store.
  await access(join(root, 'blobs')).catch((error: unknown) => {
    throw new StoreUnavailable(`${root} is no blob store`, error)
  })
  return openFilesystemStore(root, memory)
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
