import { type Digest, digestFromBytes } from '@breakwater/oci'
import { forgetManifests } from '../artifacts/index.ts'
import { forgetBlobs } from '../blobs/index.ts'
import { type BlobReads, ContentMissing, type ContentStore } from '../content/index.ts'
import type { Tx } from '../metadata/index.ts'
import {
  artifactsNeeding,
  copyStored,
  findMissing,
  findUnknown,
  type LostArtifact,
  sumUnknown,
} from './losses-queries.ts'
import { readSmall } from './read-small.ts'
import type { Report } from './report.ts'

/** What the store holds and the snapshot does not know: it came later, or was deleted and not yet collected. */
export interface LostSince {
  readonly unknownBlobs: number
  readonly unknownBytes: number
  /** Manifests among them, at most a thousand: artifacts that were pushed after the snapshot. */
  readonly unknownManifests: readonly { readonly digest: string; readonly mediaType: string }[]
}

/** Bytes of the largest blob, and number of blobs, that are looked into for being manifests. */
const [largest, most] = [4 << 20, 10_000]
const mostTold = 1_000

/**
 * Compares the rows with what the store holds. Manifests without bytes are removed with their tags; blobs without bytes
 * are forgotten, so that a push brings them again. `unreadable` are manifests whose bytes could not be had.
 */
export async function settleLosses(
  tx: Tx,
  store: ContentStore,
  unreadable: readonly Digest[],
  report: Report,
): Promise<LostSince & { artifacts: LostArtifact[] }> {
  report.step('comparing with the store')
  await copyStored(tx, lines(store, report))
  const missing = await findMissing(tx)
  const artifacts = await artifactsNeeding(tx, [...missing, ...unreadable])
  await forgetManifests(tx, unreadable)
  await forgetBlobs(tx, missing)
  const unknown = await sumUnknown(tx)
  return {
    artifacts,
    unknownBlobs: unknown.count,
    unknownBytes: unknown.bytes,
    unknownManifests: await manifestsAmong(store, await findUnknown(tx, largest, most)),
  }
}

async function* lines(store: ContentStore, report: Report): AsyncGenerator<string> {
  let count = 0
  for await (const { digest, size } of store.list()) {
    yield `\\\\x${digest.slice(digest.indexOf(':') + 1)}\t${size}\n`
    count += 1
    report.step(`${count} blobs in the store`)
  }
}

async function manifestsAmong(
  store: BlobReads,
  blobs: readonly { readonly digest: Buffer; readonly size: number }[],
): Promise<LostSince['unknownManifests']> {
  const found: { digest: string; mediaType: string }[] = []
  for (const { digest: hash, size } of blobs) {
    if (found.length === mostTold) break
    const digest = digestFromBytes(hash)
    const mediaType = await typeOfManifest(store, digest, size)
    if (mediaType !== undefined) found.push({ digest, mediaType })
  }
  return found
}

/** The media type that a blob gives itself, where it is a manifest or an index. */
async function typeOfManifest(store: BlobReads, digest: Digest, size: number): Promise<string | undefined> {
  try {
    const bytes = await readSmall(store, digest, size)
    if (bytes[0] !== 0x7b) return undefined
    const read: unknown = JSON.parse(bytes.toString())
    if (typeof read !== 'object' || read === null || !('schemaVersion' in read)) return undefined
    return 'mediaType' in read && typeof read.mediaType === 'string' ? read.mediaType : 'unknown'
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ContentMissing) return undefined
    throw error
  }
}
