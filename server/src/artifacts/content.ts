import type { Descriptor, Digest, Manifest } from '@breakwater/oci'
import type { Reservation } from '../blobs/index.ts'

/** A manifest on its way into a repository; its bytes are in the store already. */
export interface NewArtifact {
  /** Under which its bytes were stored. */
  readonly reservation: Reservation
  readonly projectId: number
  readonly repositoryId: number
  /** The repository's full name, for the ledger. */
  readonly repository: string
  readonly digest: Digest
  readonly bytes: Uint8Array
  readonly manifest: Manifest
  /** What lists tell of it; see attributesOf. */
  readonly attributes: object | undefined
  readonly tag: string | undefined
}

/** Layers that a registry may lack, because they are fetched from the URLs in their descriptor. */
const foreign = /^application\/vnd\.(?:docker\.image\.rootfs\.foreign|oci\.image\.layer\.nondistributable)\./

/** The blobs that must be linked in a repository before it may have this manifest, each once. */
export function blobsOf(manifest: Manifest): Digest[] {
  if (manifest.kind === 'index') return []
  const kept = (layer: Descriptor) => !(foreign.test(layer.mediaType) && layer.urls?.length)
  return [...new Set([manifest.config, ...manifest.layers.filter(kept)].map((descriptor) => descriptor.digest))]
}

/** The manifests that an index lists, each once. */
export function childrenOf(manifest: Manifest): Digest[] {
  return manifest.kind === 'index' ? [...new Set(manifest.manifests.map((descriptor) => descriptor.digest))] : []
}
