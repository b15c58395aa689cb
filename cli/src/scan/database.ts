import { existsSync } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Descriptor, type Digest, digestFromHex } from '@breakwater/oci'
import { saveBlob } from '@breakwater/oci-client'
import { megabytes, type Progress } from '../progress.ts'
import { createDatabaseCache, type DatabaseCache } from './database-cache.ts'
import { builtAtOf, fileDigest, unpackDatabase } from './database-folder.ts'
import type { DatabaseSource } from './database-source.ts'
import type { Registries } from './registries.ts'
import { ageOf, type ReportedDatabase } from './report.ts'

const layerType = 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip'
const maxLayerBytes = 2 * 1024 ** 3
/** Publishers make a new database every six hours. */
const checkedLongAgoMs = 3_600_000

export interface DatabaseOptions {
  readonly cacheFolder: string
  /** Uses what the cache has, however old, and asks nobody. */
  readonly offline: boolean
  readonly now: Date
  readonly progress: Progress
  readonly registries: Registries
}

/** A vulnerability database on this machine. */
export interface LocalDatabase {
  /** The file `trivy.db`. */
  readonly file: string
  readonly reported: ReportedDatabase
}

/**
 * The database of the first source that has one. A registry that cannot be reached does not matter where an earlier
 * scan has left its database in the cache: it is used, and the caller warned. Throws what to do when there is none.
 */
export async function openDatabase(
  sources: readonly DatabaseSource[],
  options: DatabaseOptions,
): Promise<LocalDatabase> {
  const cache = createDatabaseCache(options.cacheFolder)
  const failures: string[] = []
  for (const source of sources) {
    try {
      return await fromSource(source, cache, options)
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error))
    }
  }
  for (const source of sources) {
    const cached = await cache.find(source)
    if (!cached) continue
    const database = await describe(source, cached.folder, cached.digest, options.now)
    const age = ageOf(database.reported.builtAt, options.now)
    options.progress.warn(`${failures.join(' ')} Using the database of ${source.text} in the cache, ${age}.`)
    return database
  }
  const remedy = 'Name another with --db: oci:HOST/NAME:TAG of a mirror, or file:PATH of a db.tar.gz.'
  throw new Error(`There is no vulnerability database. ${failures.join(' ')} ${remedy}`)
}

async function fromSource(
  source: DatabaseSource,
  cache: DatabaseCache,
  options: DatabaseOptions,
): Promise<LocalDatabase> {
  if (source.kind === 'file') return fromFile(source, source.path, cache, options)
  const cached = await cache.find(source)
  if (options.offline && !cached) throw new Error(`The cache has no database of ${source.text}.`)
  const fresh = cached && options.now.getTime() - cached.checkedAt.getTime() < checkedLongAgoMs
  if (cached && (fresh || options.offline)) return describe(source, cached.folder, cached.digest, options.now)
  options.progress.step(`Asking ${source.reference.host} for its vulnerability database`)
  const digest = await fetchDatabase(source, cache, options)
  await cache.remember(source, digest, options.now)
  return describe(source, cache.folderOf(digest), digest, options.now)
}

async function fromFile(
  source: DatabaseSource,
  path: string,
  cache: DatabaseCache,
  options: DatabaseOptions,
): Promise<LocalDatabase> {
  const found = await stat(path).catch(() => undefined)
  if (!found) throw new Error(`There is no file ${path}.`)
  if (found.isDirectory()) return describe(source, path, await fileDigest(join(path, 'trivy.db')), options.now)
  options.progress.step(`Reading ${path}`)
  const digest = digestFromHex('sha256', (await fileDigest(path)).slice('sha256:'.length))
  const folder = cache.folderOf(digest)
  if (!existsSync(folder)) await unpackDatabase(path, folder)
  await cache.remember(source, digest, options.now)
  return describe(source, folder, digest, options.now)
}

/** Brings the database of a registry into the cache, unless it is there already. Returns its manifest's digest. */
async function fetchDatabase(
  { reference, text }: DatabaseSource & { kind: 'oci' },
  cache: DatabaseCache,
  { progress, registries }: DatabaseOptions,
): Promise<Digest> {
  const { host, repository, tag, digest } = reference
  const registry = await registries(host)
  const fetched = await registry.manifest(repository, digest ?? tag ?? 'latest')
  if (existsSync(cache.folderOf(fetched.digest))) return fetched.digest
  const layer = fetched.manifest.kind === 'image' ? databaseLayer(fetched.manifest.layers) : undefined
  if (!layer) throw new Error(`${text} is no vulnerability database: it has no layer of type ${layerType}.`)
  const path = await cache.scratchFile()
  try {
    const onProgress = (bytes: number) => progress.step(`Fetching ${text}: ${megabytes(bytes, layer.size)}`)
    await saveBlob(registry, { repository, descriptor: layer, path, maxBytes: maxLayerBytes, onProgress })
    progress.step('Unpacking the vulnerability database')
    await unpackDatabase(path, cache.folderOf(fetched.digest))
  } finally {
    await rm(path, { force: true })
  }
  return fetched.digest
}

function databaseLayer(layers: readonly Descriptor[]): Descriptor | undefined {
  return layers.length === 1 ? layers.find(({ mediaType }) => mediaType === layerType) : undefined
}

async function describe(source: DatabaseSource, folder: string, digest: string, now: Date): Promise<LocalDatabase> {
  const builtAt = await builtAtOf(folder, now)
  return { file: join(folder, 'trivy.db'), reported: { source: source.text, digest, builtAt } }
}
