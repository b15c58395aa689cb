import { digestOf, randomBytesOf } from '../../bench/lib/random-content.ts'
import {
  configType,
  type Descriptor,
  imageConfig,
  imageManifest,
  layerType,
  pushBlob,
  pushManifest,
} from '../../bench/lib/registry-client.ts'
import type { System } from '../../bench/lib/system.ts'

/** What one push consists of; the seed gives it again. */
export interface Image {
  readonly repository: string
  readonly tag: string
  readonly blobs: readonly { readonly digest: string; readonly bytes: Buffer }[]
  readonly manifest: Buffer
}

/** A push that was tried, and how far the server acknowledged it with 201. */
export interface PushRecord {
  readonly repository: string
  readonly tag: string
  readonly blobDigests: readonly string[]
  readonly manifest: Buffer
  readonly acknowledgedBlobs: Set<string>
  acknowledged: boolean
}

/** Random layers of 32 to 544 KiB and a configuration. */
export function makeImage(repository: string, tag: string, seed: string, layerCount = 2): Image {
  const sizes = Array.from({ length: layerCount }, () => (32 + Math.floor(Math.random() * 512)) * 1024)
  return imageOf(
    repository,
    tag,
    sizes.map((size, index) => randomBytesOf(`${seed}/${index}`, size)),
  )
}

/** An image of these layers, with a configuration. */
export function imageOf(repository: string, tag: string, contents: readonly Buffer[]): Image {
  const layers = contents.map((bytes) => ({ bytes, digest: digestOf(bytes) }))
  const config = imageConfig(layers.map(({ digest }) => digest))
  const blobs = [...layers, { bytes: config, digest: digestOf(config) }]
  const described: Descriptor[] = layers.map(({ bytes, digest }) => ({
    mediaType: layerType,
    digest,
    size: bytes.length,
  }))
  const configDescriptor = { mediaType: configType, digest: digestOf(config), size: config.length }
  return { repository, tag, blobs, manifest: imageManifest(configDescriptor, described) }
}

/** Pushes and notes each 201 at once. Throws where the connection or the server breaks off; the record stays true. */
export async function push(system: System, image: Image, records: PushRecord[]): Promise<void> {
  const { repository, tag, manifest } = image
  const record: PushRecord = {
    repository,
    tag,
    manifest,
    blobDigests: image.blobs.map(({ digest }) => digest),
    acknowledgedBlobs: new Set(),
    acknowledged: false,
  }
  records.push(record)
  for (const { bytes, digest } of image.blobs) {
    await pushBlob(system, repository, bytes)
    record.acknowledgedBlobs.add(digest)
  }
  await pushManifest(system, repository, tag, manifest)
  record.acknowledged = true
}
