import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { savedImage } from './docker-archive.ts'
import { archiveTree, type FileTree, folderTree } from './file-tree.ts'
import type { ImageSource } from './image.ts'
import { type Choice, layoutImage } from './layout-image.ts'

/** Most bytes that a compressed archive may unpack to on this machine's disk. */
const maxUnpackedBytes = 32 * 1024 ** 3

export interface OpenedImage extends AsyncDisposable {
  readonly image: ImageSource
}

/**
 * An image in a file: an OCI image layout as folder or archive, or an archive of `docker save`, also compressed by gzip
 * or zstd. Throws what is wrong with it, naming the file.
 */
export async function openImageFile(path: string, choice: Choice): Promise<OpenedImage> {
  const stack = new AsyncDisposableStack()
  try {
    const tree = stack.use(await openTree(path, stack))
    const image = await imageIn(path, tree, choice)
    return { image, [Symbol.asyncDispose]: () => stack.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

async function imageIn(path: string, tree: FileTree, choice: Choice): Promise<ImageSource> {
  if (await tree.has('index.json')) return layoutImage(path, tree, choice)
  if (await tree.has('manifest.json')) return savedImage(path, tree, choice)
  throw new Error('neither an OCI image layout (index.json) nor an archive of docker save (manifest.json)')
}

async function openTree(path: string, stack: AsyncDisposableStack): Promise<FileTree> {
  if ((await stat(path)).isDirectory()) return folderTree(path)
  const compression = await compressionOf(path)
  if (compression === undefined) return archiveTree(path)
  const folder = await mkdtemp(join(tmpdir(), 'breakwater-scan-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const unpacked = join(folder, 'image.tar')
  const unpack = compression === 'gzip' ? createGunzip() : createZstdDecompress()
  await pipeline(
    createReadStream(path),
    unpack,
    bounded(maxUnpackedBytes),
    createWriteStream(unpacked, { mode: 0o600 }),
  )
  return archiveTree(unpacked)
}

async function compressionOf(path: string): Promise<'gzip' | 'zstd' | undefined> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
  const magic = buffer.toString('hex', 0, bytesRead)
  if (magic.startsWith('1f8b')) return 'gzip'
  return magic === '28b52ffd' ? 'zstd' : undefined
}

/** Passes bytes on and fails after `limit`. */
function bounded(limit: number): Transform {
  let passed = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length
      if (passed > limit) done(new Error(`it unpacks to more than ${limit} bytes`))
      else done(null, chunk)
    },
  })
}
