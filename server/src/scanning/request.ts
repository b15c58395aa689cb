import { inventoryFormat } from '@breakwater/inventory'
import type { Digest } from '@breakwater/oci'
import type { Jobs, Lane } from '../jobs/index.ts'
import type { Tx } from '../metadata/index.ts'
import { listUnscanned, putRequest, putStop, scansByItself } from './queries.ts'

export interface ScanRequest {
  readonly digest: Digest
  /** `push`: only where the project has its pushes scanned, and the content was not read before. */
  readonly lane: Lane
  /** The project that was pushed to. */
  readonly projectId?: number
  /** The scan of everything that it belongs to. */
  readonly sweep?: number
}

/**
 * Asks for a scan of a manifest that is recorded, in the transaction that needs it: row and job are there once it
 * commits. False where there is nothing to do.
 */
export async function requestScan(tx: Tx, jobs: Pick<Jobs, 'enqueue'>, request: ScanRequest): Promise<boolean> {
  const { digest, lane, projectId, sweep } = request
  const pushed = lane === 'push'
  if (pushed && projectId !== undefined && !(await scansByItself(tx, projectId))) return false
  const options = { format: inventoryFormat, again: !pushed, ...(sweep === undefined ? {} : { sweep }) }
  if (!(await putRequest(tx, digest, options))) return false
  await jobs.enqueue(tx, 'scan', { key: digest, data: { digest }, lane })
  return true
}

/** Artifacts that came to a repository in another way than by a push: those that nobody has asked to scan. */
export async function requestMissing(
  tx: Tx,
  jobs: Pick<Jobs, 'enqueue'>,
  { projectId, repositoryId }: { readonly projectId: number; readonly repositoryId: number },
): Promise<void> {
  const digests = await listUnscanned(tx, repositoryId)
  for (const digest of digests.toSorted()) await requestScan(tx, jobs, { digest, lane: 'push', projectId })
}

/** Ends a scan that waits or runs; false where there is none. What a reader has begun is kept for the next one. */
export function stopScan(tx: Tx, digest: Digest): Promise<boolean> {
  return putStop(tx, digest)
}
