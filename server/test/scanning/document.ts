import { type Digest, mediaType } from '@breakwater/oci'
import { blobOf, descriptor, mustPutManifest, pushBlob } from '../content.ts'
import type { TestRegistry } from '../registry.ts'

/** Pushes an artifact of one document, as signatures and SBOMs are. */
export async function pushDocument(
  registry: TestRegistry,
  repository: string,
  tag: string,
  document: { readonly mediaType: string; readonly bytes: Buffer },
): Promise<Digest> {
  const config = blobOf('{}')
  const layer = blobOf(document.bytes)
  for (const blob of [config, layer]) await pushBlob(registry, repository, blob)
  const manifest = blobOf(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaType.ociManifest,
      artifactType: 'application/vnd.example',
      config: descriptor(mediaType.ociEmpty, config),
      layers: [descriptor(document.mediaType, layer)],
    }),
  )
  await mustPutManifest(registry, repository, tag, manifest.bytes)
  return manifest.digest
}
