import { createHash } from 'node:crypto'
import type { Descriptor, Digest, ImageManifest, Manifest } from '@breakwater/oci'
import { type Evidence, evidenceLayers, parseEvidence } from '@breakwater/signing'
import type { ContentStore } from '../content/index.ts'

export type Blobs = Pick<ContentStore, 'read'>

/** Evidence, with what tells it from other evidence in whatever manifest it comes. */
export type ReadEvidence = Evidence & { readonly identity: Buffer }

/** Notation's signatures are neither verified nor hidden: no tool takes them for cosign's. */
const notation = ['application/jose+json', 'application/cose']

/**
 * The evidence in a manifest whose layers are in the store, one layer after the other: no more than one is in memory.
 * Throws what the store throws.
 */
export async function* readEvidence(store: Blobs, digest: Digest, manifest: Manifest): AsyncGenerator<ReadEvidence> {
  if (manifest.kind === 'index') return
  if (manifest.layers.every(({ mediaType }) => notation.includes(mediaType))) return
  const wanted = new Set(evidenceLayers(manifest).map((layer) => layer.digest))
  // What is too much as a whole is not read at all.
  if (wanted.size === 0) return yield* parse(manifest, digest, new Map())
  for (const layer of manifest.layers) {
    const content = new Map<Digest, Buffer>()
    if (wanted.has(layer.digest)) content.set(layer.digest, await readWhole(store, layer))
    yield* parse({ ...manifest, layers: [layer] }, digest, content)
  }
}

function parse(manifest: ImageManifest, digest: Digest, content: ReadonlyMap<Digest, Buffer>): ReadEvidence[] {
  return parseEvidence(manifest, content).map((evidence) => ({
    ...evidence,
    identity: identityOf(evidence, digest, manifest.layers),
  }))
}

async function readWhole(store: Blobs, { digest, size }: Descriptor): Promise<Buffer> {
  const chunks: Buffer[] = []
  if (size > 0) await store.read(digest, 0, size - 1, async (chunk) => void chunks.push(Buffer.from(chunk)))
  return Buffer.concat(chunks)
}

function identityOf(evidence: Evidence, manifest: Digest, layers: readonly Descriptor[]): Buffer {
  const hash = createHash('sha256').update(evidence.kind)
  if (evidence.kind === 'unreadable') {
    const layer = evidence.layer === undefined ? undefined : layers[evidence.layer]
    return hash.update(layer ? JSON.stringify([layer.digest, layer.annotations ?? null]) : manifest).digest()
  }
  const signatures = evidence.kind === 'signature' ? [evidence.signature] : evidence.signatures
  for (const part of [evidence.message, ...signatures]) hash.update(`:${part.length}:`).update(part)
  return hash.digest()
}
