import { createHash } from 'node:crypto'
import { open, type Reply, type Request, send } from './http-client.ts'
import { digestOf, randomBytesOf } from './random-content.ts'
import type { System } from './system.ts'

export const manifestType = 'application/vnd.oci.image.manifest.v1+json'
/** What clients send with a manifest GET or HEAD; distribution answers 404 for an OCI manifest without it. */
export const acceptManifests = [
  manifestType,
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ')
export const layerType = 'application/vnd.oci.image.layer.v1.tar'
export const configType = 'application/vnd.oci.image.config.v1+json'

/** OCI content descriptor. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

/** A status that was not expected, with what the server said. */
export class UnexpectedStatus extends Error {
  readonly status: number

  constructor(request: Request, reply: Reply) {
    super(`${request.method} ${request.path}: ${reply.status} ${reply.body.toString('utf8', 0, 400)}`)
    this.status = reply.status
  }
}

/** Sends with the system's authorization for the repository; throws `UnexpectedStatus` unless `status` comes back. */
export async function ask(system: System, repository: string, status: number, request: Request): Promise<Reply> {
  const authorization = await system.authorization(repository, 'pull,push')
  const headers = { ...request.headers, ...(authorization && { authorization }) }
  const reply = await send(system, { ...request, headers })
  if (reply.status !== status) throw new UnexpectedStatus(request, reply)
  return reply
}

/** POST /v2/<name>/blobs/uploads/: the address of the upload (end-4a). */
export async function beginUpload(system: System, repository: string): Promise<string> {
  const reply = await ask(system, repository, 202, { method: 'POST', path: `/v2/${repository}/blobs/uploads/` })
  return locationOf(reply)
}

/** The Location header of a reply; throws when it is missing. */
export function locationOf(reply: Reply): string {
  const { location } = reply.headers
  if (!location) throw new Error('the reply lacks a Location header')
  return location
}

/** The address that ends an upload: `location` with the digest added to its query (end-6). */
export function closing(location: string, digest: string): string {
  return `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`
}

/** Uploads bytes by POST and one PUT; resolves after the 201. */
export async function pushBlob(system: System, repository: string, bytes: Buffer): Promise<string> {
  const digest = digestOf(bytes)
  const location = await beginUpload(system, repository)
  const headers = { 'content-type': 'application/octet-stream' }
  await ask(system, repository, 201, { method: 'PUT', path: closing(location, digest), headers, body: bytes })
  return digest
}

/** PUT /v2/<name>/manifests/<reference> (end-7); the digest of the bytes. */
export async function pushManifest(
  system: System,
  repository: string,
  reference: string,
  bytes: Buffer,
): Promise<string> {
  const headers = { 'content-type': manifestType }
  await ask(system, repository, 201, {
    method: 'PUT',
    path: `/v2/${repository}/manifests/${reference}`,
    headers,
    body: bytes,
  })
  return digestOf(bytes)
}

/** The bytes of an OCI image manifest. */
export function imageManifest(config: Descriptor, layers: readonly Descriptor[]): Buffer {
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config, layers }))
}

/** An image configuration for layers whose tar is the blob itself (so that its digest is the diff id). */
export function imageConfig(layerDigests: readonly string[]): Buffer {
  const rootfs = { type: 'layers', diff_ids: layerDigests }
  return Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs, history: [] }))
}

/** Pushes an image of random layers and returns its manifest's bytes. */
export async function pushImage(
  system: System,
  repository: string,
  tag: string,
  image: { readonly seed: string; readonly layers: number; readonly layerBytes: number },
): Promise<Buffer> {
  const layers: Descriptor[] = []
  for (let index = 0; index < image.layers; index++) {
    const bytes = randomBytesOf(`${image.seed}/${index}`, image.layerBytes)
    layers.push({ mediaType: layerType, digest: await pushBlob(system, repository, bytes), size: bytes.length })
  }
  const config = imageConfig(layers.map(({ digest }) => digest))
  const digest = await pushBlob(system, repository, config)
  const bytes = imageManifest({ mediaType: configType, digest, size: config.length }, layers)
  await pushManifest(system, repository, tag, bytes)
  return bytes
}

/** Downloads a blob and returns the digest and size of what came. Throws `UnexpectedStatus` unless it is a 200. */
export async function readBlob(
  system: System,
  repository: string,
  digest: string,
): Promise<{ readonly digest: string; readonly size: number }> {
  const authorization = await system.authorization(repository, 'pull')
  const request = { method: 'GET', path: `/v2/${repository}/blobs/${digest}` }
  const message = await open(system, { ...request, ...(authorization && { headers: { authorization } }) })
  const hash = createHash('sha256')
  let size = 0
  const refusal: Buffer[] = []
  for await (const piece of message as AsyncIterable<Buffer>) {
    size += piece.length
    if (message.statusCode === 200) hash.update(piece)
    else refusal.push(piece)
  }
  const reply = { status: message.statusCode ?? 0, headers: message.headers, body: Buffer.concat(refusal) }
  if (reply.status !== 200) throw new UnexpectedStatus(request, reply)
  return { digest: `sha256:${hash.digest('hex')}`, size }
}
