import { type Digest, digestOf } from '@breakwater/oci'
import { bundleManifest, type FixtureKey, signedBundle } from '@breakwater/signing/fixture'
import { configType, imageConfig, layerType, manifestType, pushBlob, pushManifest } from './registry-client.ts'
import type { System } from './system.ts'

const pushers = 32

/** Calls `work` with each, some at a time. */
export async function inParallel<T>(
  all: readonly T[],
  width: number,
  work: (one: T, index: number) => Promise<void>,
): Promise<void> {
  const left = all.entries()
  const worker = async (): Promise<void> => {
    for (const [index, one] of left) await work(one, index)
  }
  await Promise.all(Array.from({ length: width }, worker))
}

/**
 * Pushes as many images, which differ in an annotation only, each with a bundle as cosign 3 makes it by one of the keys in
 * turn; without a key, none. Their digests, in that order.
 */
export async function pushSignedImages(
  system: System,
  repository: string,
  count: number,
  keys: readonly FixtureKey[],
): Promise<Digest[]> {
  const layer = Buffer.alloc(1024)
  const config = imageConfig([digestOf(layer)])
  for (const blob of [layer, config, Buffer.from('{}')]) await pushBlob(system, repository, blob)
  const content = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: configType, digest: digestOf(config), size: config.length },
    layers: [{ mediaType: layerType, digest: digestOf(layer), size: layer.length }],
  }
  const images = Array.from({ length: count }, (_, index) => {
    const bytes = Buffer.from(JSON.stringify({ ...content, annotations: { number: `${index}` } }))
    return { bytes, digest: digestOf(bytes), key: keys[index % keys.length] }
  })
  await inParallel(images, pushers, async ({ bytes, digest, key }) => {
    await pushManifest(system, repository, digest, bytes)
    if (!key) return
    const bundle = signedBundle({ key, digest })
    await pushBlob(system, repository, bundle.bytes)
    const evidence = bundleManifest({ mediaType: manifestType, digest, size: bytes.length }, bundle)
    await pushManifest(system, repository, evidence.digest, evidence.bytes)
  })
  return images.map(({ digest }) => digest)
}
