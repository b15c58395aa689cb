import { createHash, randomBytes } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly platform?: { readonly os: string; readonly architecture: string }
}

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/**
 * Writes an OCI image layout (image-layout.md) with one image for each architecture, each with two layers of random
 * bytes; two or more are listed in an index. Returns the digest of the image or index.
 */
export function writeImageLayout(folder: string, architectures: readonly string[] = ['amd64']): string {
  const blobs = join(folder, 'blobs', 'sha256')
  mkdirSync(blobs, { recursive: true })
  const write = (type: string, content: Buffer | object): Descriptor => {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content))
    const digest = digestOf(bytes)
    writeFileSync(join(blobs, digest.slice('sha256:'.length)), bytes)
    return { mediaType: `application/vnd.oci.image.${type}`, digest, size: bytes.length }
  }
  const images = architectures.map((architecture) => {
    const layers = [write('layer.v1.tar', randomBytes(200_000)), write('layer.v1.tar', randomBytes(2_000))]
    const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) }
    const config = write('config.v1+json', { architecture, os: 'linux', rootfs })
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    const manifest = write('manifest.v1+json', { schemaVersion: 2, mediaType, config, layers })
    return { ...manifest, platform: { os: 'linux', architecture } }
  })
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  const [only] = images
  if (!only || images.length > 1) {
    writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, mediaType, manifests: images }))
    return digestOf(readFileSync(join(folder, 'index.json')))
  }
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, mediaType, manifests: [only] }))
  return only.digest
}

/** The blobs of a layout by digest, each checked against its name. */
export function readBlobs(folder: string): ReadonlySet<string> {
  const files = globSync(join(folder, 'blobs', 'sha256', '*'))
  return new Set(
    files.map((file) => {
      const digest = digestOf(readFileSync(file))
      if (!file.endsWith(digest.slice('sha256:'.length))) throw new Error(`${file} holds ${digest}`)
      return digest
    }),
  )
}
