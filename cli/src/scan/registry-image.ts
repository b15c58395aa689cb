import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type Descriptor, isImageConfigType, parseImageConfig } from '@breakwater/oci'
import type { FetchedManifest, ImageReference, Registry } from '@breakwater/oci-client'
import { choosePlatform, claimedDiffIds, type ImageSource, maxConfigBytes } from './image.ts'

/** Largest layer that is fetched, in stored bytes. */
const maxLayerBytes = 32 * 1024 ** 3
const maxDepth = 4

/** An image in a registry. Its layers are fetched when they are opened, and checked against their digests. */
export async function openRegistryImage(
  name: string,
  reference: ImageReference,
  registry: Registry,
  platform: string | undefined,
): Promise<ImageSource> {
  const { repository } = reference
  const { digest, manifest } = await imageManifest(registry, reference, platform)
  if (!isImageConfigType(manifest.config.mediaType)) {
    throw new Error(`${name} is no container image: its config has the type ${manifest.config.mediaType}.`)
  }
  const blob = (descriptor: Descriptor, maxBytes: number) =>
    Readable.from(registry.blob(repository, descriptor, { maxBytes }), { objectMode: false })
  const config = parseImageConfig(await buffer(blob(manifest.config, maxConfigBytes)))
  const diffIds = claimedDiffIds(config, manifest.layers.length)
  const layers = manifest.layers.flatMap((layer, at) => {
    const diffId = diffIds[at]
    return diffId ? [{ diffId, digest: layer.digest, open: async () => blob(layer, maxLayerBytes) }] : []
  })
  return { name, digest, imageId: manifest.config.digest, config, layers }
}

async function imageManifest(registry: Registry, reference: ImageReference, platform: string | undefined) {
  const { repository, tag, digest } = reference
  let wanted: string = digest ?? tag ?? 'latest'
  for (let depth = 0; depth < maxDepth; depth++) {
    const fetched: FetchedManifest = await registry.manifest(repository, wanted)
    if (fetched.manifest.kind === 'image') return { digest: fetched.digest, manifest: fetched.manifest }
    wanted = choosePlatform(fetched.manifest.manifests, platform).digest
  }
  throw new Error(`Indexes are nested more than ${maxDepth} deep.`)
}
