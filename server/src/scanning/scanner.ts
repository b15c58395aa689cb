import { type Digest, parseDigest } from '@breakwater/oci'
import type { Jobs } from '../jobs/index.ts'
import { isUnavailable, type Pool, transaction } from '../metadata/index.ts'
import type { Blobs } from './content/blob.ts'
import { createLayers } from './layers.ts'
import { keepReading, type OutcomeDeps } from './outcome.ts'
import { type Claim, claimScan, listUnfinished, putFault } from './queries.ts'
import { createReadingPool } from './reading/pool.ts'
import { ReadingStopped } from './reading/reader.ts'
import { type ManifestReads, readManifest } from './reading-of-manifest.ts'
import { listSweep } from './sweep.ts'

export interface ScannerDeps {
  readonly pool: Pool
  readonly store: Blobs
  readonly jobs: Jobs
  readonly vulndb: OutcomeDeps['vulndb']
}

/** The queue tries a job six times in all. */
const mostAttempts = 6

/** Manifests that are scanned at once: while one waits for the database, readers work for another. */
const concurrency = 4

/** Does the scans that are asked for, in this process as in others; ends its readers when it is disposed. */
export async function createScanner(deps: ScannerDeps): Promise<AsyncDisposable> {
  const readers = createReadingPool()
  const reads = { store: deps.store, pool: readers, layers: createLayers({ ...deps, readers }) }
  await deps.jobs.work<{ digest: string }>('scan', { concurrency }, async ({ digest: text }, signal) => {
    const digest = parseDigest(text)
    if (digest) await scan(deps, reads, digest, signal)
  })
  await deps.jobs.work<{ sweep?: number }>('scan-all', { concurrency: 1 }, ({ sweep }, signal) =>
    listSweep(deps, sweep, signal),
  )
  await resume(deps)
  return readers
}

/** Scans whose job was lost: tried too often, by processes that died of something else. */
async function resume({ pool, jobs }: ScannerDeps): Promise<void> {
  await transaction(pool, async (tx) => {
    const digests = await listUnfinished(tx, 1_000)
    for (const digest of digests.toSorted()) {
      await jobs.enqueue(tx, 'scan', { key: digest, data: { digest }, lane: 'sweep' })
    }
  })
}

async function scan(deps: ScannerDeps, reads: ManifestReads, digest: Digest, signal: AbortSignal): Promise<void> {
  const claim = await transaction(deps.pool, (tx) => claimScan(tx, digest))
  if (!claim) return
  try {
    await keepReading(deps, digest, claim.revision, await readManifest(reads, claim))
  } catch (error) {
    // Without a database nothing can be noted; while the process stops there is nothing to note.
    if (isUnavailable(error) || signal.aborted || error instanceof ReadingStopped) throw error
    await noteFault(deps, digest, claim, error)
  }
}

/** The store can't give bytes, or something here is wrong: no verdict on the image, so it is tried again. */
async function noteFault({ pool }: ScannerDeps, digest: Digest, claim: Claim, error: unknown): Promise<void> {
  const failure = error instanceof Error ? error.message : String(error)
  const last = claim.attempts >= mostAttempts
  await transaction(pool, (tx) => putFault(tx, digest, claim.revision, { failure, last }))
  if (!last) throw error
}
