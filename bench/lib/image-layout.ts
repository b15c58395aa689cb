import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf, randomBytesOf } from './random-content.ts'
import { configType, type Descriptor, imageConfig, imageManifest, layerType, manifestType } from './registry-client.ts'

/** Writes an OCI image layout (image-layout.md) with one image of random layers. */
export function writeImageLayout(
  folder: string,
  image: { readonly seed: string; readonly layers: number; readonly layerBytes: number },
): void {
  const blobs = join(folder, 'blobs', 'sha256')
  mkdirSync(blobs, { recursive: true })
  const write = (mediaType: string, bytes: Buffer): Descriptor => {
    const digest = digestOf(bytes)
    writeFileSync(join(blobs, digest.slice('sha256:'.length)), bytes)
    return { mediaType, digest, size: bytes.length }
  }
  const layers = Array.from({ length: image.layers }, (_, index) =>
    write(layerType, randomBytesOf(`${image.seed}/${index}`, image.layerBytes)),
  )
  const config = write(configType, imageConfig(layers.map(({ digest }) => digest)))
  const manifest = write(manifestType, imageManifest(config, layers))
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }))
}
