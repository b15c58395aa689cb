import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { archiveTree } from './file-tree.ts'
import { bounded } from './image-file.ts'

/** A database in trivy-db's format on this machine. */
export interface DatabaseFolder {
  /** Holds `trivy.db` and `metadata.json`. */
  readonly folder: string
  readonly builtAt: Date
}

const supportedVersion = 2
/** The published database unpacks to about 1 GB. */
const maxUnpackedBytes = 16 * 1024 ** 3
const maxMetadataBytes = 64 * 1024
const clockSkewMs = 3_600_000

/** Reads what a folder says of its database. Throws where it is of another format or from the future. */
export async function readDatabaseFolder(folder: string, now: Date): Promise<DatabaseFolder> {
  const text = await readFile(join(folder, 'metadata.json'), 'utf8')
  const { Version, UpdatedAt } = JSON.parse(text) as Readonly<Record<string, unknown>>
  if (Version !== supportedVersion) {
    throw new Error(`${folder} has a database of version ${String(Version)}; version ${supportedVersion} can be read.`)
  }
  const builtAt = new Date(String(UpdatedAt))
  if (Number.isNaN(builtAt.getTime())) throw new Error(`${folder}: metadata.json does not say when it was built.`)
  if (builtAt.getTime() > now.getTime() + clockSkewMs) {
    throw new Error(`${folder}: the database says that it was built at ${builtAt.toISOString()}. Is the clock right?`)
  }
  return { folder, builtAt }
}

/** Unpacks the layer of a `trivy-db:2` artifact to `folder`, which appears whole or not at all. */
export async function unpackDatabase(archive: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const work = await mkdtemp(join(dirname(folder), '.unpacking-'))
  try {
    const tar = join(work, 'archive.tar')
    await pipeline(createReadStream(archive), createGunzip(), bounded(maxUnpackedBytes), createWriteStream(tar))
    const content = join(work, 'content')
    await mkdir(content)
    await using tree = await archiveTree(tar)
    const metadata = await tree.read('metadata.json', maxMetadataBytes)
    await pipeline(await tree.open('trivy.db'), createWriteStream(join(content, 'trivy.db')))
    await pipeline([metadata], createWriteStream(join(content, 'metadata.json')))
    // Another scan may have been quicker; its folder is as good.
    await rename(content, folder).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && /EEXIST|ENOTEMPTY/.test(String(error.code)))) throw error
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return `sha256:${hash.digest('hex')}`
}
