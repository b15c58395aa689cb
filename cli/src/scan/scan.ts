import { openVulnDb } from '@breakwater/vulndb'
import { cacheFolder } from '../client-environment.ts'
import { configSource } from '../command.ts'
import type { Progress } from '../progress.ts'
import type { RemoteOptions } from '../remote/connection.ts'
import { UsageError } from '../usage-error.ts'
import { openDatabase } from './database.ts'
import { type DatabaseSource, databaseSource, parseDatabaseSource } from './database-source.ts'
import type { ImageSource } from './image.ts'
import { openImageFile } from './image-file.ts'
import { readInventory } from './inventory.ts'
import { createRegistries, type Registries } from './registries.ts'
import { openRegistryImage } from './registry-image.ts'
import type { ScanReport } from './report.ts'
import { reportOf } from './report-of.ts'
import { readTarget, type Target } from './target.ts'

export interface ScanOptions extends RemoteOptions {
  readonly platform?: string
  readonly tag?: string
  readonly db?: string
  readonly cacheDir?: string
  readonly offline?: true
}

export interface ScanContext {
  readonly now: Date
  readonly progress: Progress
}

/** Looks at one image and says what is known of it. Throws a sentence that says what to do. */
export async function scan(name: string, options: ScanOptions, context: ScanContext): Promise<ScanReport> {
  const target = readTarget(name)
  const registries = createRegistries(options, target.kind === 'registry' ? target.reference.host : undefined)
  await using opened = await openTarget(name, target, options, registries)
  const database = await openDatabase(await sourcesOf(options), {
    cacheFolder: options.cacheDir ?? cacheFolder(),
    offline: options.offline === true,
    registries,
    ...context,
  })
  const inventory = await readInventory(opened.image, context.progress)
  context.progress.step(`Matching ${inventory.packages.length} packages`)
  using advisories = openVulnDb(database.file)
  return reportOf(opened.image, inventory, database.reported, advisories)
}

async function openTarget(
  name: string,
  target: Target,
  options: ScanOptions,
  registries: Registries,
): Promise<{ readonly image: ImageSource } & AsyncDisposable> {
  const { platform, tag } = options
  if (target.kind === 'file') {
    return openImageFile(target.path, { ...(platform && { platform }), ...(tag && { tag }) })
  }
  if (tag !== undefined) throw new UsageError('--tag is for files; write the tag of an image behind its name.')
  const { reference } = target
  const image = await openRegistryImage(name, reference, await registries(reference.host), platform)
  return { image, async [Symbol.asyncDispose]() {} }
}

async function sourcesOf(options: ScanOptions): Promise<readonly DatabaseSource[]> {
  if (options.db !== undefined) return [parseDatabaseSource(options.db)]
  const { loadConfig } = await import('@breakwater/server')
  const { source } = loadConfig(configSource(options)).vulndb
  if (source.length === 0)
    throw new UsageError('The configuration names no vulnerability database; name one with --db.')
  return source.map(databaseSource)
}
