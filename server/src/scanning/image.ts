import { type ImageInventory, mergeLayers } from '@breakwater/inventory'
import { type Digest, type ImageManifest, isImageConfigType, parseImageConfig, RegistryError } from '@breakwater/oci'
import type { Blobs } from './content/blob.ts'
import type { Layer, Layers } from './layers.ts'
import type { ScanClass } from './scan.ts'

/** What became of an image: its inventory, or why there is none. */
export interface ImageReading {
  readonly class: Extract<ScanClass, 'image' | 'unknown'>
  readonly failure: string | undefined
  readonly inventory: ImageInventory | undefined
}

/**
 * Reads everything that might run. Layers are told by their content, whatever their types say; the diff IDs that the
 * config claims have to be those that we computed, because engines trust the config (gate.md G1).
 */
export async function readImage(
  { store, layers }: { readonly store: Blobs; readonly layers: Layers },
  manifest: ImageManifest,
  config: Buffer | undefined,
): Promise<ImageReading> {
  const declared = isImageConfigType(manifest.config.mediaType)
  if (!config) return { class: 'image', failure: 'its config is too large to be read', inventory: undefined }
  const claim = claimedDiffIds(config, declared)
  if ('failure' in claim) return { class: 'image', failure: claim.failure, inventory: undefined }

  const elsewhere = await foreignLayers(store, manifest)
  const read = await layers.read(manifest.layers.filter(({ digest }) => !elsewhere.has(digest)))
  const unreadable = manifest.layers.find(({ digest }) => isUnreadable(read.get(digest)))
  if (unreadable) {
    const layer = read.get(unreadable.digest)
    const failure = `layer ${unreadable.digest}: ${layer && 'failure' in layer ? layer.failure : ''}`
    // Nothing about it is an image: some other kind of content.
    const other = !declared && !claim.diffIds && [...read.values()].every((one) => isUnreadable(one) && one.lasting)
    return { class: other ? 'unknown' : 'image', failure, inventory: undefined }
  }
  if (manifest.layers.length === 0 && !declared) {
    return { class: 'unknown', failure: 'it has no layers', inventory: undefined }
  }
  const found = manifest.layers.map(({ digest }) => read.get(digest))
  const failure = compare(claim.diffIds, found)
  if (failure !== undefined) return { class: 'image', failure, inventory: undefined }
  return { class: 'image', failure: undefined, inventory: merge(found, elsewhere) }
}

function isUnreadable(layer: Layer | undefined): layer is Extract<Layer, { failure: string }> {
  return layer !== undefined && 'failure' in layer
}

/** Layers that are fetched from somewhere else: they are not stored here, and their descriptors have URLs. */
async function foreignLayers(store: Blobs, { layers }: ImageManifest): Promise<Set<Digest>> {
  const foreign = new Set<Digest>()
  for (const { digest, urls } of layers) {
    if (urls?.length && (await store.size(digest)) === undefined) foreign.add(digest)
  }
  return foreign
}

/** What the config says about the unpacked layers; undefined where it says nothing, as configs of other things do. */
function claimedDiffIds(
  config: Buffer,
  declared: boolean,
): { readonly diffIds: readonly Digest[] | undefined } | { readonly failure: string } {
  if (!declared && !mentionsRootfs(config)) return { diffIds: undefined }
  if (config.length === 0) return { diffIds: [] }
  try {
    return { diffIds: parseImageConfig(config).diffIds }
  } catch (error) {
    if (error instanceof RegistryError) return { failure: `its config: ${error.message}` }
    throw error
  }
}

/** Whether some engine would find a root filesystem in it: they match the key regardless of case. */
function mentionsRootfs(config: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(config.toString() || '{}')
    return typeof value === 'object' && value !== null && /"rootf[s\u017f]"/i.test(JSON.stringify(value))
  } catch {
    return false
  }
}

function compare(claimed: readonly Digest[] | undefined, found: readonly (Layer | undefined)[]): string | undefined {
  if (!claimed) return undefined
  if (claimed.length !== found.length) {
    return `its config names ${claimed.length} layers, the manifest ${found.length}`
  }
  const differs = found.findIndex((layer, at) => layer && 'diffId' in layer && layer.diffId !== claimed[at])
  const layer = found[differs]
  if (!layer || !('diffId' in layer)) return undefined
  return `its config names other layers: ${claimed[differs]} in place of ${layer.diffId}`
}

function merge(found: readonly (Layer | undefined)[], elsewhere: ReadonlySet<Digest>): ImageInventory {
  const merged = mergeLayers(found.flatMap((layer) => (layer && 'diffId' in layer ? [layer] : [])))
  const foreign = [...elsewhere].map((digest) => ({ type: 'foreign-layer', path: digest }))
  return foreign.length === 0 ? merged : { ...merged, notCovered: [...merged.notCovered, ...foreign] }
}
