import { randomBytes } from 'node:crypto'
import { type Digest, digestOf, mediaType } from '@breakwater/oci'
import type { Answer, Ask } from './client.ts'

/** Where things are pushed to; `TestRegistry` is one. */
export interface Pushes {
  ask(method: string, path: string, ask?: Ask): Promise<Answer>
}

export interface Blob {
  readonly digest: Digest
  readonly bytes: Buffer
}

export function blobOf(bytes: Uint8Array | string = randomBytes(64)): Blob {
  const buffer = Buffer.from(bytes)
  return { digest: digestOf(buffer), bytes: buffer }
}

/** A descriptor of content that is at hand. */
export function descriptor(type: string, { digest, bytes }: Blob): { mediaType: string; digest: Digest; size: number } {
  return { mediaType: type, digest, size: bytes.length }
}

/** A config that engines accept, different each time. */
export function configBlob(extra: object = {}): Blob {
  const config = { architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [] }, ...extra }
  return blobOf(JSON.stringify({ ...config, author: randomBytes(8).toString('hex') }))
}

export async function pushBlob(to: Pushes, repository: string, blob: Blob, auth?: Ask): Promise<void> {
  const path = `/v2/${repository}/blobs/uploads/?digest=${blob.digest}`
  const answer = await to.ask('POST', path, { body: blob.bytes, ...auth })
  if (answer.status !== 201) throw new Error(`blob not taken: ${answer.status} ${answer.text}`)
}

export interface Image extends Blob {
  readonly mediaType: string
  readonly config: Blob
  readonly layers: readonly Blob[]
}

/** The manifest of an image, as JSON text, with members added or replaced by `extra`. */
export function imageManifest(config: Blob, layers: readonly Blob[], extra: object = {}): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config: descriptor(mediaType.ociConfig, config),
    layers: layers.map((layer) => descriptor(mediaType.ociLayerGzip, layer)),
    ...extra,
  })
}

/** Pushes an image of one config and one layer, new each time, under a tag or (without one) under its digest. */
export async function pushImage(to: Pushes, repository: string, tag?: string, extra: object = {}): Promise<Image> {
  const config = configBlob()
  const layers = [blobOf()]
  for (const blob of [config, ...layers]) await pushBlob(to, repository, blob)
  const manifest = blobOf(imageManifest(config, layers, extra))
  await mustPutManifest(to, repository, tag ?? manifest.digest, manifest.bytes, mediaType.ociManifest)
  return { ...manifest, mediaType: mediaType.ociManifest, config, layers }
}

export function putManifest(
  to: Pushes,
  repository: string,
  reference: string,
  body: string | Uint8Array,
  type: string | undefined = mediaType.ociManifest,
): Promise<Answer> {
  const headers: Record<string, string> = type === '' ? {} : { 'content-type': type }
  return to.ask('PUT', `/v2/${repository}/manifests/${reference}`, { body, headers })
}

export async function mustPutManifest(...put: Parameters<typeof putManifest>): Promise<void> {
  const answer = await putManifest(...put)
  if (answer.status !== 201) throw new Error(`manifest not taken: ${answer.status} ${answer.text}`)
}

/** The text of an index of manifests that are at hand. */
export function indexManifest(children: readonly (Blob & { mediaType?: string })[], extra: object = {}): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaType.ociIndex,
    manifests: children.map((child) => descriptor(child.mediaType ?? mediaType.ociManifest, child)),
    ...extra,
  })
}
