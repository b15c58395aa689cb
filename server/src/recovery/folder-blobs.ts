import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { algorithmOf, type Digest, digestFromHex, hexOf } from '@breakwater/oci'
import { type BlobReads, ContentDamaged, type Hasher } from '../content/index.ts'
import { syncFolder } from './folder-archive.ts'

/** The blobs of all backups of a folder, by digest. */
export interface FolderBlobs {
  /** Whether it is there with that size. What is there was hashed when it came. */
  has(digest: Digest, size: number): Promise<boolean>
  /** Copies a blob out of a store. Fails where its bytes are others than its digest says. */
  copyFrom(store: Pick<BlobReads, 'read'>, digest: Digest, size: number): Promise<void>
  /** Hashes what is there; undefined where it is whole, else what is wrong with it. */
  fault(digest: Digest, size: number): Promise<string | undefined>
  open(digest: Digest): ReturnType<typeof createReadStream>
  /** Makes everything that was copied outlast a power cut. */
  sync(): Promise<void>
}

const bufferBytes = 1 << 20

export async function openFolderBlobs(root: string, hasher: Hasher): Promise<FolderBlobs> {
  const touched = new Set<string>()
  const temp = join(root, 'temp')
  const path = (digest: Digest) => {
    const hex = hexOf(digest)
    return join(root, 'blobs', algorithmOf(digest), hex.slice(0, 2), hex)
  }

  async function publish(file: string, digest: Digest): Promise<void> {
    const folder = dirname(path(digest))
    if (!touched.has(folder)) await mkdir(folder, { recursive: true, mode: 0o700 })
    touched.add(folder)
    await rename(file, path(digest))
  }

  return {
    async has(digest, size) {
      const found = await stat(path(digest)).catch(() => undefined)
      return found?.size === size
    },

    async copyFrom(store, digest, size) {
      await mkdir(temp, { recursive: true, mode: 0o700 })
      const file = join(temp, randomUUID())
      const hashing = hasher.start(algorithmOf(digest), size)
      try {
        const handle = await open(file, 'wx', 0o600)
        try {
          if (size > 0) {
            // The hasher keeps what it is given, and the store lends its buffer only for the call.
            await store.read(digest, 0, size - 1, (chunk) => hashing.update([Buffer.from(chunk)], handle.fd))
          }
          requireDigest(digest, await hashing.digest(), 'the store holds other bytes under it')
          await handle.datasync()
        } finally {
          await handle.close()
        }
        await publish(file, digest)
      } catch (error) {
        hashing.discard()
        await unlink(file).catch(() => undefined)
        throw error
      }
    },

    async fault(digest, size) {
      const found = await stat(path(digest)).catch(() => undefined)
      if (!found) return `${digest} is missing`
      if (found.size !== size) return `${digest} has ${found.size} bytes, not ${size}`
      const hashing = hasher.start(algorithmOf(digest), size)
      const stream = createReadStream(path(digest), { highWaterMark: bufferBytes })
      for await (const chunk of stream) await hashing.update([chunk as Buffer])
      const whole = digestFromHex(algorithmOf(digest), await hashing.digest()) === digest
      return whole ? undefined : `${digest} has other bytes than its digest says`
    },

    open: (digest) => createReadStream(path(digest), { highWaterMark: bufferBytes }),

    async sync() {
      for (const folder of touched) await syncFolder(folder)
      const above = new Set([...touched].flatMap((folder) => [dirname(folder), dirname(dirname(folder))]))
      for (const folder of above) await syncFolder(folder)
      await removeLeftovers(temp)
    },
  }
}

function requireDigest(digest: Digest, hex: string, why: string): void {
  if (digestFromHex(algorithmOf(digest), hex) !== digest) throw new ContentDamaged(`${digest}: ${why}`)
}

/** Copies that a killed backup left; an hour old, as another may be running. */
async function removeLeftovers(temp: string): Promise<void> {
  for (const name of await readdir(temp).catch(() => [])) {
    const file = join(temp, name)
    const found = await stat(file).catch(() => undefined)
    if (found && found.mtimeMs < Date.now() - 3_600_000) await unlink(file).catch(() => undefined)
  }
}
