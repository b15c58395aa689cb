import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { extractDatabase, parseMetadata } from '@breakwater/vulndb'

const clockSkewMs = 3_600_000

/** When the database in a folder was built. Throws where it is of another format or from the future. */
export async function builtAtOf(folder: string, now: Date): Promise<Date> {
  const { updatedAt } = parseMetadata(await readFile(join(folder, 'metadata.json')))
  if (updatedAt.getTime() > now.getTime() + clockSkewMs) {
    throw new Error(`The database says that it was built at ${updatedAt.toISOString()}. Is the clock right?`)
  }
  return updatedAt
}

/** Unpacks the layer of a `trivy-db:2` artifact to `folder`, which appears whole or not at all. */
export async function unpackDatabase(archive: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const work = await mkdtemp(join(dirname(folder), '.unpacking-'))
  try {
    await extractDatabase(createReadStream(archive), work)
    await rename(work, folder)
  } catch (error) {
    await rm(work, { recursive: true, force: true })
    // Another scan may have been quicker; its folder is as good.
    if (!(error instanceof Error && 'code' in error && /EEXIST|ENOTEMPTY/.test(String(error.code)))) throw error
  }
}

export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return `sha256:${hash.digest('hex')}`
}
