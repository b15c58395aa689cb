import { algorithmOf, type Descriptor, type Digest, digestOf, type Manifest } from '@breakwater/oci'
import { readEnvelopeLayer } from './dsse.ts'
import { type Evidence, EvidenceError, type EvidenceLayout, type Unreadable } from './evidence.ts'
import {
  bundleType,
  envelopeType,
  maxEvidenceBytes,
  maxEvidenceLayers,
  maxLayerBytes,
  simpleSigningType,
} from './limits.ts'
import { readBundle } from './sigstore-bundle.ts'
import { readSimpleSigning } from './simple-signing.ts'

const olderBundle = 'application/vnd.dev.sigstore.bundle'
const notation = ['application/jose+json', 'application/cose']
const certificateKey = 'dev.sigstore.cosign/certificate'

interface Place {
  readonly layer: number
  readonly descriptor: Descriptor
  readonly layout?: EvidenceLayout
}

/**
 * The layers of a manifest whose content `parseEvidence` needs: each digest once, together at most `maxEvidenceBytes`.
 * Empty for what is no evidence, and where the count or a size alone decides.
 */
export function evidenceLayers(manifest: Manifest): Descriptor[] {
  const places = placesOf(manifest)
  if (overall(places)) return []
  const readable = places.filter(({ descriptor, layout }) => layout && descriptor.size <= maxLayerBytes)
  return [...new Map(readable.map(({ descriptor }) => [descriptor.digest, descriptor])).values()]
}

/**
 * Reads the evidence in a manifest: one entry for each layer of a type that signs, in their order; layers of other types
 * are none. `content` holds the layers that `evidenceLayers` names. What cannot be read is an entry with its code, for
 * damage must not hide what is beside it; only a manifest over a limit is one entry as a whole. Throws when content is
 * missing or is not what its digest says, since that tells of the store and not of the evidence.
 */
export function parseEvidence(manifest: Manifest, content: ReadonlyMap<Digest, Uint8Array>): Evidence[] {
  const places = placesOf(manifest)
  const refusal = overall(places)
  return refusal ? [refusal] : places.map((place) => readPlace(place, content))
}

function placesOf(manifest: Manifest): Place[] {
  if (manifest.kind === 'index') return []
  return manifest.layers.flatMap((descriptor, layer) => {
    const { mediaType } = descriptor
    if (mediaType === simpleSigningType) return [{ layer, descriptor, layout: 'simple-signing' }]
    if (mediaType === bundleType) return [{ layer, descriptor, layout: 'sigstore-bundle' }]
    if (mediaType === envelopeType) return [{ layer, descriptor, layout: 'dsse-envelope' }]
    return mediaType.startsWith(olderBundle) || notation.includes(mediaType) ? [{ layer, descriptor }] : []
  })
}

/** Limits that a manifest breaks as a whole. */
function overall(places: readonly Place[]): Unreadable | undefined {
  if (places.length > maxEvidenceLayers) {
    const detail = `the manifest has ${places.length} signatures; at most ${maxEvidenceLayers} are accepted`
    return { kind: 'unreadable', code: 'too-many', detail }
  }
  const sizes = new Map<Digest, number>()
  for (const { descriptor, layout } of places) {
    if (layout && descriptor.size <= maxLayerBytes) sizes.set(descriptor.digest, descriptor.size)
  }
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  if (bytes <= maxEvidenceBytes) return undefined
  const detail = `the signatures have ${bytes} bytes; at most ${maxEvidenceBytes} are accepted in one manifest`
  return { kind: 'unreadable', code: 'too-large', detail }
}

function readPlace(place: Place, content: ReadonlyMap<Digest, Uint8Array>): Evidence {
  const { layer, descriptor, layout } = place
  if (!layout) return { kind: 'unreadable', layer, code: 'unsupported', detail: unsupported(descriptor.mediaType) }
  if (descriptor.size > maxLayerBytes) {
    const detail = `the layer has ${descriptor.size} bytes; at most ${maxLayerBytes} are accepted`
    return { kind: 'unreadable', layer, layout, code: 'too-large', detail }
  }
  const bytes = contentOf(descriptor, content)
  try {
    return read(layout, layer, bytes, descriptor.annotations ?? {})
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error
    return { kind: 'unreadable', layer, layout, code: error.code, detail: error.message }
  }
}

function read(layout: EvidenceLayout, layer: number, bytes: Uint8Array, annotations: Readonly<Record<string, string>>) {
  switch (layout) {
    case 'simple-signing':
      return readSimpleSigning(layer, bytes, annotations)
    case 'sigstore-bundle':
      return readBundle(layer, bytes)
    case 'dsse-envelope':
      return readEnvelopeLayer(layer, bytes, Object.hasOwn(annotations, certificateKey) ? 'certificate' : 'key')
  }
}

function contentOf(descriptor: Descriptor, content: ReadonlyMap<Digest, Uint8Array>): Uint8Array {
  const { digest, size } = descriptor
  const bytes = content.get(digest)
  if (!bytes) throw new Error(`the content of layer ${digest} is not given`)
  if (bytes.length !== size || digestOf(bytes, algorithmOf(digest)) !== digest) {
    throw new Error(`what is given as layer ${digest} is other content`)
  }
  return bytes
}

function unsupported(mediaType: string): string {
  return notation.includes(mediaType)
    ? 'signatures by Notation are not verified yet'
    : `only bundles of type ${bundleType} are read, the layer says ${mediaType.slice(0, 64)}`
}
