import { randomUUID } from 'node:crypto'
import {
  access,
  constants,
  type FileHandle,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  unlink,
} from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest } from '@breakwater/oci'
import { drainInBatches, type UploadMemory } from './batches.ts'
import { borrowBuffers, returnBuffers } from './buffers.ts'
import { codeOf, syncFolder, unavailable, writeAt } from './file-operations.ts'
import { filesystemRecords, listBlobs } from './filesystem-records.ts'
import { writeChunks } from './hashing.ts'
import { blobFolder, blobKey, partKey, tempFolder, uploadFolder, uploadsFolder } from './layout.ts'
import { ContentMissing, type ContentStore, type Part, type Sink, StoreUnavailable } from './store.ts'

/**
 * Content in folders of a local or shared filesystem. A blob appears by a rename of a synced file, so it is there
 * whole or not at all; the folder is synced too, so it is still there after a power cut.
 */
export async function openFilesystemStore(root: string, memory: UploadMemory): Promise<ContentStore> {
  for (const folder of [uploadsFolder, tempFolder, 'blobs']) await mkdir(join(root, folder), { recursive: true })
  const path = (key: string) => join(root, key)
  const madeFolders = new Set<string>()

  /**
   * What an error says of the store. What is not there is missing (a part: the upload was cancelled, or finished by
   * another request) unless everything is: a disk that is not mounted must not pass for a store without blobs.
   */
  async function meaning(error: unknown, what: string): Promise<unknown> {
    if (codeOf(error) !== 'ENOENT') return unavailable(error)
    const there = await stat(path(uploadsFolder)).catch(() => undefined)
    return there ? new ContentMissing(what) : new StoreUnavailable('the folder of the blob store is gone', error)
  }

  async function openToRead(key: string, what: string): Promise<FileHandle> {
    try {
      return await open(path(key), 'r')
    } catch (error) {
      throw await meaning(error, what)
    }
  }

  /** Moves a synced file to its digest's place. */
  async function publish(file: string, digest: Digest): Promise<void> {
    const folder = blobFolder(digest)
    if (!madeFolders.has(folder)) {
      await mkdir(path(folder), { recursive: true })
      await syncFolder(path(join(folder, '..')))
      await syncFolder(path('blobs'))
      madeFolders.add(folder)
    }
    await rename(file, path(blobKey(digest)))
    await syncFolder(path(folder))
  }

  /** Adds parts to a file of `size` bytes, or makes the file of them, and syncs it. */
  async function appendParts(file: string, size: number | undefined, upload: string, parts: readonly Part[]) {
    const handle = await open(file, size === undefined ? 'wx' : 'r+')
    try {
      let offset = size ?? 0
      await store.readParts(upload, parts, async (chunk) => {
        await writeAt(handle, chunk, offset)
        offset += chunk.length
      })
      await handle.datasync()
    } finally {
      await handle.close()
    }
  }

  const store: ContentStore = {
    ...filesystemRecords(root),
    list: () => listBlobs(root),

    async size(digest) {
      try {
        return (await stat(path(blobKey(digest)))).size
      } catch (error) {
        const meant = await meaning(error, digest)
        if (meant instanceof ContentMissing) return undefined
        throw meant
      }
    },

    async read(digest, start, end, sink) {
      const file = await openToRead(blobKey(digest), digest)
      try {
        await sendRange(file, start, end, digest, sink)
      } finally {
        await file.close()
      }
    },

    async writePart(upload, part, body, { hashing, progress }) {
      let size = 0
      try {
        const file = await createPart(path(uploadFolder(upload)), path(partKey(upload, part)))
        try {
          const complete = await drainInBatches(body, memory, async (chunks, bytes) => {
            await (hashing ? hashing.update(chunks, file.fd) : writeChunks(file.fd, chunks))
            size += bytes
            await progress(size)
          })
          return { size, complete }
        } finally {
          await file.close()
        }
      } catch (error) {
        throw await meaning(error, `upload ${upload}`)
      }
    },

    async readParts(upload, parts, sink) {
      for (const part of parts) {
        if (part.size === 0) continue
        const file = await openToRead(partKey(upload, part.name), `upload ${upload}`)
        try {
          await sendRange(file, 0, part.size - 1, `upload ${upload}`, sink)
        } finally {
          await file.close()
        }
      }
    },

    async commit(upload, parts, digest) {
      const filled = parts.filter((part) => part.size > 0)
      const joined = path(partKey(upload, `${randomUUID()}.joined`))
      // A closed first part becomes the blob itself; one that might still be written to is copied like the others. It is
      // renamed before it is touched: what a second caller finds under the old name can't be a published blob.
      const kept = filled[0]?.open ? undefined : filled[0]
      const from = kept && path(partKey(upload, kept.name))
      try {
        if (from) await rename(from, joined)
        else await makeFolder(path(uploadFolder(upload)))
        try {
          await appendParts(joined, kept?.size, upload, kept ? filled.slice(1) : filled)
          await publish(joined, digest)
        } catch (error) {
          if (from) await rename(joined, from).catch(() => undefined)
          throw error
        }
      } catch (error) {
        throw await meaning(error, `upload ${upload}`)
      }
      await store.discard(upload)
    },

    async discardPart(upload, part) {
      await unlink(path(partKey(upload, part))).catch(() => undefined)
      await rmdir(path(uploadFolder(upload))).catch(() => undefined)
    },

    async discard(upload) {
      const folder = path(uploadFolder(upload))
      // The common case is an empty folder, or none: one call instead of a walk.
      await rmdir(folder).catch(() => rm(folder, { recursive: true, force: true }))
    },

    async write(digest, bytes) {
      if ((await store.size(digest)) === bytes.length) return
      const file = path(join(tempFolder, randomUUID()))
      try {
        const handle = await open(file, 'wx')
        try {
          await writeAt(handle, bytes, 0)
          await handle.datasync()
        } finally {
          await handle.close()
        }
        await publish(file, digest)
      } catch (error) {
        await unlink(file).catch(() => undefined)
        throw await meaning(error, digest)
      }
    },

    async remove(digest) {
      await unlink(path(blobKey(digest))).catch(async (error: unknown) => {
        const meant = await meaning(error, digest)
        if (!(meant instanceof ContentMissing)) throw meant
      })
    },

    async space() {
      try {
        await access(path(uploadsFolder), constants.W_OK | constants.X_OK)
        const { bsize, blocks, bavail } = await statfs(path('blobs'))
        return { total: blocks * bsize, free: bavail * bsize }
      } catch (error) {
        throw unavailable(error)
      }
    },
  }
  return store
}

/** Removes small writes that a crash left before their rename; uploads are the database's to expire. */
export async function clearTemporary(root: string): Promise<void> {
  const folder = join(root, tempFolder)
  const hourAgo = Date.now() - 3_600_000
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name)
    const made = await stat(file).catch(() => undefined)
    if (made && made.mtimeMs < hourAgo) await unlink(file).catch(() => undefined)
  }
}

/** Not `recursive`: that reports a read-only filesystem as a missing folder. */
async function makeFolder(path: string): Promise<void> {
  await mkdir(path).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error
  })
}

/** Whoever discards the last part of an upload takes the folder away, also just before another request makes its part. */
async function createPart(folder: string, file: string): Promise<FileHandle> {
  for (let attempt = 1; ; attempt += 1) {
    await makeFolder(folder)
    try {
      return await open(file, 'ax')
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || attempt === 10) throw error
    }
  }
}

/** Reads ahead by one buffer while the sink takes the one before. */
async function sendRange(file: FileHandle, start: number, end: number, what: string, sink: Sink): Promise<void> {
  const buffers = borrowBuffers(end - start + 1)
  let sending: Promise<void> = Promise.resolve()
  try {
    let position = start
    for (let turn = 0; position <= end; turn += 1) {
      const buffer = buffers[turn % buffers.length] as Buffer
      if (buffers.length === 1) await sending
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - position + 1), position)
      await sending
      if (bytesRead === 0) throw new ContentMissing(`${what}: the end of its bytes`)
      position += bytesRead
      sending = sink(buffer.subarray(0, bytesRead))
      sending.catch(() => undefined) // awaited in the next turn, or below
    }
  } finally {
    // A buffer still on its way out must not be lent to another reader.
    await sending.finally(() => returnBuffers(buffers))
  }
}
