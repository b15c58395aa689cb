import { digestToBytes } from '@breakwater/oci'
import { type BlobReads, ContentDamaged, ContentMissing } from '../content/index.ts'
import type { Pool } from '../metadata/index.ts'
import type { ArchiveReader } from './archive.ts'
import { type NeededBlob, neededBlobs } from './blob-list.ts'
import { eachBounded } from './bounded.ts'
import type { FolderBlobs } from './folder-blobs.ts'
import { whoNeeds } from './queries.ts'
import { blobProgress, type Report } from './report.ts'

export interface CopiedBlobs {
  /** All that the backup has, and their bytes. */
  readonly blobs: number
  readonly blobBytes: number
  /** Those that were not there from an earlier backup. */
  readonly copiedBlobs: number
  readonly copiedBytes: number
  /** Sentences about what is named and could not be had. */
  readonly missing: readonly string[]
}

interface CopyDeps {
  readonly pool: Pool
  readonly store: BlobReads
  readonly blobs: FolderBlobs
}

/** Copies that go on at once. */
const width = 4

/**
 * Copies what the list of the backup names and the folder lacks. Fails where something cannot be had that a repository
 * needs, unless that is allowed; `absent` are the digests of all that could not be had.
 */
export async function copyBlobs(
  { pool, store, blobs }: CopyDeps,
  archive: ArchiveReader,
  { allowMissing, report }: { readonly allowMissing: boolean; readonly report: Report },
): Promise<CopiedBlobs & { readonly absent: string[] }> {
  const all = archive.manifest.blobs ?? { count: 0, bytes: 0 }
  const done = { count: 0, bytes: 0 }
  const [missing, absent]: [string[], string[]] = [[], []]
  let [copiedBlobs, copiedBytes] = [0, 0]
  await eachBounded(neededBlobs(archive), width, async (blob) => {
    const { digest, size } = blob
    if (!(await blobs.has(digest, size))) {
      const fault = await copy(blob)
      if (fault === undefined) {
        copiedBlobs += 1
        copiedBytes += size
      } else {
        absent.push(digest)
        if (blob.named) missing.push(fault)
        if (blob.named && !allowMissing) throw new Error(`${fault} ${advice}`)
        return
      }
    }
    done.count += 1
    done.bytes += size
    report.step(blobProgress(done, all))
  })
  const { count, bytes: blobBytes } = done
  return { blobs: count, blobBytes, copiedBlobs, copiedBytes, missing: missing.sort(), absent: absent.sort() }

  /** A sentence where it cannot be had. */
  async function copy({ digest, size }: NeededBlob): Promise<string | undefined> {
    try {
      await blobs.copyFrom(store, digest, size)
      return undefined
    } catch (error) {
      if (!(error instanceof ContentMissing || error instanceof ContentDamaged)) throw error
      const needs = await whoNeeds(pool, digestToBytes(digest))
      if (needs.length === 0) return `${digest} was deleted while the backup ran. Begin the backup again.`
      return `The store has lost ${digest} (${error.message}), which ${needs.join(', ')} needs.`
    }
  }
}

const advice = '--allow-missing saves everything else.'
