/**
 * content: bytes by digest, and bytes on their way in, in a blob store.
 * Owns tables: none.   Enter by: openStore, createHasher.
 * Uses: config.   Never: knows names, projects or who asks.
 */
import { join } from 'node:path'
import type { Config } from '../config/index.ts'
import { UploadMemory } from './batches.ts'
import { clearTemporary, openFilesystemStore } from './filesystem.ts'
import type { ContentStore } from './store.ts'

export { createHasher, type Hasher, type Hashing } from './hashing.ts'
export { ContentMissing, type ContentStore, type Part, StoreUnavailable } from './store.ts'

export function storeRoot(config: Config): string {
  return config.store.root ?? join(config.dataDir, 'store')
}

export async function openStore(config: Config): Promise<ContentStore> {
  const root = storeRoot(config)
  const store = await openFilesystemStore(root, new UploadMemory(config.limits.uploadMemory))
  await clearTemporary(root)
  return store
}
