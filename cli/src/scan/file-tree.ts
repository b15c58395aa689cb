import { createReadStream } from 'node:fs'
import { type FileHandle, open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { indexTar, readExactly } from './tar-index.ts'

/** Files by path, in a folder or an archive. */
export interface FileTree extends AsyncDisposable {
  has(path: string): Promise<boolean>
  /** The whole of a small file. Throws where it is missing or larger than `limit` bytes. */
  read(path: string, limit: number): Promise<Buffer>
  open(path: string): Promise<Readable>
}

export function folderTree(folder: string): FileTree {
  const sizeOf = async (path: string) => {
    const found = await stat(join(folder, path)).catch(() => undefined)
    return found?.isFile() ? found.size : undefined
  }
  return {
    has: async (path) => (await sizeOf(path)) !== undefined,
    async read(path, limit) {
      requireSize(path, await sizeOf(path), limit)
      return readFile(join(folder, path))
    },
    async open(path) {
      requireSize(path, await sizeOf(path), Number.POSITIVE_INFINITY)
      return createReadStream(join(folder, path))
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** Of an uncompressed archive, read in place. The file is closed with the tree. */
export async function archiveTree(path: string): Promise<FileTree> {
  const file: FileHandle = await open(path)
  try {
    const entries = await indexTar(file)
    return {
      has: async (name) => entries.has(name),
      async read(name, limit) {
        const size = requireSize(name, entries.get(name)?.size, limit)
        return readExactly(file, entries.get(name)?.offset ?? 0, size)
      },
      async open(name) {
        const size = requireSize(name, entries.get(name)?.size, Number.POSITIVE_INFINITY)
        const start = entries.get(name)?.offset ?? 0
        if (size === 0) return createReadStream('/dev/null')
        return createReadStream(path, { start, end: start + size - 1 })
      },
      [Symbol.asyncDispose]: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

function requireSize(path: string, size: number | undefined, limit: number): number {
  if (size === undefined) throw new Error(`${path} is missing`)
  if (size > limit) throw new Error(`${path} has ${size} bytes; at most ${limit} are read`)
  return size
}
