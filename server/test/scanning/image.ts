import { debianRelease, dpkgStatus, type FixtureEntry, imageOf, nodePackage } from '@breakwater/inventory/fixture'
import { type Digest, mediaType, parseDigest } from '@breakwater/oci'
import { mustPutManifest, pushBlob } from '../content.ts'
import type { TestRegistry } from '../registry.ts'

/** Debian 12 with openssl 3.0.1-1, as its own layer. */
export const debian: readonly FixtureEntry[] = [
  ...debianRelease('12.5'),
  dpkgStatus([{ name: 'libssl3', version: '3.0.1-1', source: 'openssl' }]),
]

/** lodash 4.17.0, twice: as an application and within another package. */
export const node: readonly FixtureEntry[] = [
  nodePackage('lodash', '4.17.0'),
  nodePackage('lodash', '4.17.0', 'app/node_modules/other'),
]

/** Pushes an image of these layers and returns the digest of its manifest. */
export async function pushLayers(
  registry: TestRegistry,
  repository: string,
  tag: string,
  layers: readonly (readonly FixtureEntry[])[],
  config: object = {},
): Promise<Digest> {
  const image = imageOf([...layers], { config })
  for (const [text, bytes] of image.blobs) {
    const digest = parseDigest(text)
    if (digest) await pushBlob(registry, repository, { digest, bytes })
  }
  await mustPutManifest(registry, repository, tag, image.manifest, mediaType.ociManifest)
  const digest = parseDigest(image.manifestDigest)
  if (!digest) throw new Error('an image has a digest')
  return digest
}
