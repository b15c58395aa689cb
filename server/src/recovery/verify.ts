import { type ArchiveReader, checkFiles } from './archive.ts'
import { neededBlobs } from './blob-list.ts'
import { eachBounded } from './bounded.ts'
import type { FolderBlobs } from './folder-blobs.ts'
import { blobProgress, type Report } from './report.ts'

export interface Verified {
  readonly id: string
  readonly blobs: number
  readonly blobBytes: number
  /** Sentences, at most a hundred; none: the backup is whole. */
  readonly problems: readonly string[]
}

const width = 4
const mostProblems = 100

/** Reads all of a backup and hashes it. */
export async function verifyArchive(archive: ArchiveReader, blobs: FolderBlobs, report: Report): Promise<Verified> {
  const { id, blobs: all = { count: 0, bytes: 0 } } = archive.manifest
  report.step('files')
  const problems = await checkFiles(archive)
  const done = { count: 0, bytes: 0 }
  // Without its list there is nothing to compare blobs with.
  if (problems.length === 0) {
    await eachBounded(neededBlobs(archive), width, async ({ digest, size }) => {
      const fault = await blobs.fault(digest, size)
      if (fault !== undefined && problems.length < mostProblems) problems.push(`The blob ${fault}.`)
      done.count += 1
      done.bytes += size
      report.step(blobProgress(done, all))
    })
  }
  return { id, blobs: done.count, blobBytes: done.bytes, problems }
}
