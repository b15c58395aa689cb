import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { ImportRefused } from '../refusal.ts'
import { type DatabaseMetadata, parseMetadata } from './metadata.ts'

/** A database on this machine's disk. */
export interface DatabaseFiles {
  /** `trivy.db` */
  readonly path: string
  readonly metadata: DatabaseMetadata
}

/** Bytes of the unpacked files; those of the published ones are less than a tenth. */
const most: Readonly<Record<string, number>> = { 'trivy.db': 16 * 1024 ** 3, 'metadata.json': 64 * 1024 }

/**
 * Unpacks a database's archive into a folder, as it comes. Other entries are passed over. Throws ImportRefused where it
 * is no such archive, and whatever the bytes end with.
 */
export async function extractDatabase(archive: AsyncIterable<Uint8Array>, folder: string): Promise<DatabaseFiles> {
  const found = new Set<string>()
  const tar = extract()
  const writing = write(tar, folder, found)
  // Awaited below, whichever of the two ends first.
  writing.catch(() => undefined)
  let source: unknown
  const bytes = async function* () {
    try {
      yield* archive
    } catch (error) {
      source = error
      throw error
    }
  }
  try {
    await pipeline(bytes, createGunzip(), tar)
    await writing
  } catch (error) {
    if (source !== undefined) throw source
    if (error instanceof ImportRefused) throw error
    if (isOfDisk(error)) throw error
    throw new ImportRefused(`It is no gzipped archive, or a broken one (${String(error)}).`, { cause: error })
  }
  for (const name of Object.keys(most)) {
    if (!found.has(name)) throw new ImportRefused(`The archive holds no ${name}, so it is no vulnerability database.`)
  }
  return readFolder(folder)
}

async function write(tar: ReturnType<typeof extract>, folder: string, found: Set<string>): Promise<void> {
  for await (const entry of tar) {
    const { name, type, size = 0 } = entry.header
    const plain = name.replace(/^\.\//, '')
    const limit = most[plain]
    if (limit === undefined || type !== 'file') {
      entry.resume()
      continue
    }
    if (found.has(plain)) throw new ImportRefused(`The archive holds ${plain} twice.`)
    if (size > limit) throw new ImportRefused(`${plain} has ${size} bytes unpacked; at most ${limit} are taken.`)
    found.add(plain)
    await pipeline(entry, createWriteStream(join(folder, plain), { flags: 'wx', mode: 0o600 }))
  }
}

/** Reads what a folder holds that has both files. Throws ImportRefused where one is missing or wrong. */
export async function readFolder(folder: string): Promise<DatabaseFiles> {
  const text = await readFile(join(folder, 'metadata.json'), 'utf8').catch((cause: unknown) => {
    throw new ImportRefused(`metadata.json cannot be read (${String(cause)}).`, { cause })
  })
  return { path: join(folder, 'trivy.db'), metadata: parseMetadata(text) }
}

/** Whether writing failed, rather than what was written. */
function isOfDisk(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}
