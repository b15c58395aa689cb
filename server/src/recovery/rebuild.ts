import type { Config } from '../config/index.ts'
import type { ContentStore } from '../content/index.ts'
import { createJobs } from '../jobs/index.ts'
import { type Database, migrate, requireEmpty, requireKnown, type Tx } from '../metadata/index.ts'
import type { Logger } from '../observability/index.ts'
import { startSweep } from '../scanning/index.ts'
import { type ArchiveReader, checkFiles } from './archive.ts'
import { fillManifests } from './fill-manifests.ts'
import { loadArchive } from './load-archive.ts'
import { type LostSince, settleLosses } from './losses.ts'
import type { LostArtifact } from './losses-queries.ts'
import { refuseHalfRestored } from './mark.ts'
import { allowManifestsWithoutBytes, analyze } from './queries.ts'
import type { Report } from './report.ts'
import { chooseKey } from './secret-key.ts'
import { listSnapshots, openSnapshot } from './store-archive.ts'

export interface RebuildDeps {
  readonly database: Database
  readonly store: ContentStore
  readonly config: Config
  readonly log: Logger
}

export interface RebuildOptions {
  /** Which snapshot; the newest whole one unless it is named. */
  readonly id?: string | undefined
  readonly newSecretKey: boolean
  readonly report: Report
}

export interface RebuildResult extends LostSince {
  readonly id: string
  /** When the snapshot was taken, ISO 8601: names that were made after it are lost. */
  readonly takenAt: string
  readonly rows: number
  /** Newer snapshots that could not be used, and why. */
  readonly passedOver: readonly string[]
  readonly newSecretKey: boolean
  /** Artifacts that came back without all of their bytes, or not at all. */
  readonly artifacts: readonly LostArtifact[]
}

/**
 * Fills an empty database from the newest snapshot in the store, and says what the two lack of one another. Nothing in
 * the store changes. History is not in snapshots, and everything is scanned again.
 */
export async function rebuild(deps: RebuildDeps, options: RebuildOptions): Promise<RebuildResult> {
  const { database, store, config, log } = deps
  const { report } = options
  await refuseHalfRestored(store)
  await requireEmpty(database.pool)
  report.step('looking for a snapshot')
  const { archive, passedOver } = await chooseSnapshot(store, options.id)
  const { id, startedAt: takenAt, tables, migrations } = archive.manifest
  requireKnown(migrations)
  const key = await chooseKey(archive, config, options.newSecretKey)
  await using jobs = await createJobs(database, log, { works: false })
  let losses: (LostSince & { artifacts: LostArtifact[] }) | undefined
  report.step('database')
  await loadArchive({ pool: database.pool, store, jobs }, archive, {
    keepsKey: key.same,
    prepare: allowManifestsWithoutBytes,
    finish: async (tx: Tx) => {
      const unreadable = await fillManifests(tx, store, report)
      losses = await settleLosses(tx, store, unreadable, report)
      await startSweep(tx, jobs, 'Manual')
    },
  })
  await migrate(database.pool)
  await analyze(database.pool)
  if (!losses) throw new Error('nothing was compared with the store')
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  return { id, takenAt, rows, passedOver, newSecretKey: !key.same, ...losses }
}

/** The newest snapshot of which every byte is there, or the one that was asked for. */
async function chooseSnapshot(
  store: ContentStore,
  wanted: string | undefined,
): Promise<{ readonly archive: ArchiveReader; readonly passedOver: readonly string[] }> {
  const ids = wanted === undefined ? (await listSnapshots(store)).whole : [wanted]
  const passedOver: string[] = []
  for (const id of ids.toReversed()) {
    try {
      const archive = await openSnapshot(store, id)
      const [problem] = await checkFiles(archive)
      if (problem === undefined) return { archive, passedOver }
      passedOver.push(problem)
    } catch (error) {
      passedOver.push(error instanceof Error ? error.message : String(error))
    }
  }
  const why = passedOver.length > 0 ? ` that can be used: ${passedOver.join(' ')}` : ''
  throw new Error(`The store holds no snapshot${why}. Nothing was changed.`)
}
