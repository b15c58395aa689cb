import { json } from 'node:stream/consumers'
import { type Digest, digestOf, parseDigest } from '@breakwater/oci'
import { manifestsIn } from '../artifacts/index.ts'
import { forgetBlobs } from '../blobs/index.ts'
import type { ContentStore } from '../content/index.ts'
import { secretKeySetting } from '../identity/index.ts'
import type { Jobs, WaitingJobs } from '../jobs/index.ts'
import { record, system } from '../ledger/index.ts'
import { loadDatabase, type Pool, type Tx, writeSetting } from '../metadata/index.ts'
import { type ArchiveReader, readFile } from './archive.ts'
import type { Manifest } from './manifest.ts'

/** Where the database keeps the id of the archive that it was filled from. */
export const restoredSetting = 'restored_from'

export interface LoadDeps {
  readonly pool: Pool
  readonly store: Pick<ContentStore, 'write'>
  readonly jobs: Pick<Jobs, 'putBack'>
}

interface LoadOptions {
  /** False: robots' secrets were hashed with another key, and the database takes the next one that it meets. */
  readonly keepsKey: boolean
  readonly prepare?: (tx: Tx) => Promise<void>
  readonly finish?: (tx: Tx) => Promise<void>
}

/** Fills an empty database with an archive's rows, and puts its jobs back, in one transaction. */
export async function loadArchive(deps: LoadDeps, archive: ArchiveReader, options: LoadOptions): Promise<void> {
  const { manifest } = archive
  const waiting = (await json(readFile(archive, manifest.jobs))) as WaitingJobs
  await loadDatabase(deps.pool, {
    migrations: manifest.migrations,
    sequences: manifest.sequences,
    tables: manifest.tables.map((table) => ({ ...table, open: () => readFile(archive, table.file) })),
    ...(options.prepare ? { prepare: options.prepare } : {}),
    async finish(tx) {
      await settleMissing(tx, deps.store, manifest)
      await options.finish?.(tx)
      await deps.jobs.putBack(tx, waiting)
      await writeSetting(tx, restoredSetting, manifest.id)
      if (!options.keepsKey) await writeSetting(tx, secretKeySetting, undefined)
      const detail = { from: manifest.id, takenAt: manifest.startedAt }
      await record(tx, system, { action: 'registry.restore', object: `${manifest.kind} ${manifest.id}`, detail })
    },
  })
}

/** Manifests are in the rows too. Of blobs the rows go: whoever pushes one again is then asked for its bytes. */
async function settleMissing(tx: Tx, store: LoadDeps['store'], { blobs }: Manifest): Promise<void> {
  const missing = (blobs?.missing ?? []).map((text) => parseDigest(text)).filter((digest) => digest !== undefined)
  if (missing.length === 0) return
  const found = new Set<Digest>()
  for (const { digest, bytes } of await manifestsIn(tx, missing)) {
    if (digestOf(bytes, digest.startsWith('sha512:') ? 'sha512' : 'sha256') !== digest) continue
    await store.write(digest, bytes)
    found.add(digest)
  }
  await forgetBlobs(
    tx,
    missing.filter((digest) => !found.has(digest)),
  )
}
