import type { ImageInventory } from '@breakwater/inventory'
import { parseManifest } from '@breakwater/oci'
import { readWhole } from './content/blob.ts'
import { type ContentReads, classifyContent } from './content/classify.ts'
import { readImage } from './image.ts'
import type { Layers } from './layers.ts'
import type { Claim } from './queries.ts'
import type { ScanClass } from './scan.ts'

export interface ManifestReads extends ContentReads {
  readonly layers: Layers
}

/** What a manifest turned out to be. */
export interface ManifestReading {
  readonly class: ScanClass
  /** Why it is no sound image, or nothing that is known. */
  readonly failure?: string | undefined
  /** Of a sound image. */
  readonly inventory?: ImageInventory | undefined
}

/** Configs that are larger are read by no engine. */
const largestConfig = 4 << 20

/** Reads all that a manifest refers to, but for layers that are known. Throws what the store throws. */
export async function readManifest(
  reads: ManifestReads,
  { mediaType, bytes }: Pick<Claim, 'mediaType' | 'bytes'>,
): Promise<ManifestReading> {
  const manifest = parseManifest(bytes, mediaType)
  // Its children have scans of their own.
  if (manifest.kind === 'index') return { class: 'index' }
  const config = manifest.config.size <= largestConfig ? await readWhole(reads.store, manifest.config) : undefined
  const idle = await classifyContent(reads, manifest, config)
  if (idle) return { class: idle }
  return readImage(reads, manifest, config)
}
