import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseDigest } from '@breakwater/oci'
import { codeOf, syncFolder, unavailable, writeAt } from './file-operations.ts'
import { blobAlgorithms, recordKey, recordsFolder, tempFolder } from './layout.ts'
import type { ListedBlob, StoredRecords } from './store.ts'

/** Records as files: each appears by the rename of a synced one. */
export function filesystemRecords(root: string): StoredRecords {
  return {
    async putRecord(name, bytes) {
      const target = join(root, recordKey(name))
      const file = join(root, tempFolder, randomUUID())
      try {
        await writeSynced(file, bytes)
        await makeSyncedFolder(root, dirname(recordKey(name)))
        await rename(file, target)
        await syncFolder(dirname(target))
      } catch (error) {
        await unlink(file).catch(() => undefined)
        throw unavailable(error)
      }
    },

    async getRecord(name) {
      return absentAs(undefined, readFile(join(root, recordKey(name))))
    },

    async listRecords(prefix) {
      const folder = join(root, recordsFolder)
      const entries = await absentAs([], readdir(folder, { recursive: true, withFileTypes: true }))
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .filter((name) => name.startsWith(prefix))
        .sort()
    },

    async removeRecord(name) {
      await absentAs(undefined, rm(join(root, recordKey(name))))
    },
  }
}

/** Walks the folders of blobs; what is no blob there is passed over. */
export async function* listBlobs(root: string): AsyncGenerator<ListedBlob> {
  for (const algorithm of blobAlgorithms) {
    const above = join(root, 'blobs', algorithm)
    for (const folder of await absentAs([], readdir(above))) {
      for (const name of await absentAs([], readdir(join(above, folder)))) {
        const digest = parseDigest(`${algorithm}:${name}`)
        const found = digest && (await absentAs(undefined, stat(join(above, folder, name))))
        if (digest && found) yield { digest, size: found.size }
      }
    }
  }
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx')
  try {
    await writeAt(handle, bytes, 0)
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

/** Each folder is synced into the one above it. */
async function makeSyncedFolder(root: string, folder: string): Promise<void> {
  const made = await mkdir(join(root, folder), { recursive: true })
  if (made === undefined) return
  for (let above = dirname(folder); ; above = dirname(above)) {
    await syncFolder(join(root, above))
    if (above === '.') break
  }
}

async function absentAs<T>(instead: T, reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return instead
    throw unavailable(error)
  }
}
