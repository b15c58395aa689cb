import { algorithmOf, type Digest, digestOf } from '@breakwater/oci'
import { emptyManifests, putManifestBytes } from '../artifacts/index.ts'
import { type BlobReads, ContentMissing } from '../content/index.ts'
import type { Tx } from '../metadata/index.ts'
import { eachBounded } from './bounded.ts'
import { requireManifestBytes } from './queries.ts'
import { readSmall } from './read-small.ts'
import type { Report } from './report.ts'

const batch = 200
const width = 8

/** Gives the rows of manifests their bytes from the store; returns those whose bytes are not there, or are others. */
export async function fillManifests(tx: Tx, store: BlobReads, report: Report): Promise<Digest[]> {
  const lost: Digest[] = []
  let done = 0
  let last: Digest | undefined
  for (;;) {
    const manifests = await emptyManifests(tx, last, batch)
    if (manifests.length === 0) break
    const found: { digest: Digest; bytes: Buffer }[] = []
    await eachBounded(manifests, width, async ({ digest, size }) => {
      const bytes = await readSmall(store, digest, size).catch((error: unknown) => {
        if (error instanceof ContentMissing) return undefined
        throw error
      })
      if (bytes && digestOf(bytes, algorithmOf(digest)) === digest) found.push({ digest, bytes })
      else lost.push(digest)
    })
    await putManifestBytes(tx, found)
    last = manifests.at(-1)?.digest
    done += manifests.length
    report.step(`${done} manifests`)
  }
  await requireManifestBytes(tx)
  return lost
}
