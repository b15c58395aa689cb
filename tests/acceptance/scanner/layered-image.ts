import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { outputOf } from '../support/command.ts'

/** A layer to be: a folder whose content becomes its files, or a tar archive as it is. */
export interface LayerContent {
  readonly from: string
  readonly compression?: 'gzip' | 'zstd' | 'none'
}

const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

const stored = {
  gzip: { suffix: '+gzip', pack: (bytes: Buffer) => gzipSync(bytes, { level: 1 }) },
  zstd: { suffix: '+zstd', pack: (bytes: Buffer) => zstdCompressSync(bytes) },
  none: { suffix: '', pack: (bytes: Buffer) => bytes },
} as const

/** Writes an OCI image layout with one image of these layers, lowest first. Returns the digest of its manifest. */
export async function writeLayeredImage(folder: string, layers: readonly LayerContent[]): Promise<string> {
  const blobs = join(folder, 'blobs', 'sha256')
  mkdirSync(blobs, { recursive: true })
  const write = (type: string, bytes: Buffer) => {
    const digest = digestOf(bytes)
    writeFileSync(join(blobs, digest.slice('sha256:'.length)), bytes)
    return { mediaType: `application/vnd.oci.image.${type}`, digest, size: bytes.length }
  }
  const diffIds: string[] = []
  const descriptors: ReturnType<typeof write>[] = []
  for (const { from, compression = 'gzip' } of layers) {
    const tar = from.endsWith('.tar') ? readFileSync(from) : await packed(from, `${folder}.layer.tar`)
    const { suffix, pack } = stored[compression]
    diffIds.push(digestOf(tar))
    descriptors.push(write(`layer.v1.tar${suffix}`, pack(tar)))
  }
  const json = (value: object) => Buffer.from(JSON.stringify(value))
  const rootfs = { type: 'layers', diff_ids: diffIds }
  const config = write('config.v1+json', json({ architecture: 'amd64', os: 'linux', rootfs }))
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const manifest = write('manifest.v1+json', json({ schemaVersion: 2, mediaType, config, layers: descriptors }))
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }))
  return manifest.digest
}

async function packed(folder: string, tar: string): Promise<Buffer> {
  await outputOf('tar', ['--sort=name', '--numeric-owner', '--owner=0', '--group=0', '-C', folder, '-cf', tar, '.'])
  return readFileSync(tar)
}

/** Writes files below a folder, whatever folders they need. A program has to be executable to be looked at. */
export function writeFiles(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, content)
  }
}
