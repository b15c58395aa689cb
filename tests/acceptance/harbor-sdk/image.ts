import { createHash, randomBytes } from 'node:crypto'
import type { Breakwater } from '../support/breakwater.ts'

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const signatureType = 'application/vnd.cncf.notary.signature'

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

/**
 * Pushes an image with a build history, tagged `1.0`, and a signature that refers to it, of random bytes. Returns
 * `repository@digest`. Throws when the server does not take them.
 */
export async function pushSignedImage(server: Breakwater, repository: string): Promise<string> {
  const rootfs = { type: 'layers', diff_ids: [] }
  const history = [{ created: '2026-01-02T03:04:05Z', created_by: 'COPY tool /' }]
  const config = { architecture: 'amd64', os: 'linux', rootfs, history }
  const image = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: await pushBlob(server, repository, 'application/vnd.oci.image.config.v1+json', JSON.stringify(config)),
    layers: [await pushBlob(server, repository, 'application/vnd.oci.image.layer.v1.tar', randomBytes(2_000))],
  }
  const subject = await pushManifest(server, repository, '1.0', image)
  await pushManifest(server, repository, undefined, {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: signatureType,
    config: await pushBlob(server, repository, signatureType, '{}'),
    layers: [await pushBlob(server, repository, 'application/cose', randomBytes(100))],
    subject,
  })
  return `${repository}@${subject.digest}`
}

async function pushBlob(
  server: Breakwater,
  repository: string,
  mediaType: string,
  content: string | Buffer,
): Promise<Descriptor> {
  const descriptor = describe(mediaType, content)
  const path = `/v2/${repository}/blobs/uploads/?digest=${descriptor.digest}`
  await send(server, 'POST', path, content, 'application/octet-stream')
  return descriptor
}

async function pushManifest(
  server: Breakwater,
  repository: string,
  tag: string | undefined,
  manifest: object,
): Promise<Descriptor> {
  const text = JSON.stringify(manifest)
  const descriptor = describe(manifestType, text)
  await send(server, 'PUT', `/v2/${repository}/manifests/${tag ?? descriptor.digest}`, text, manifestType)
  return descriptor
}

function describe(mediaType: string, content: string | Buffer): Descriptor {
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`
  return { mediaType, digest, size: content.length }
}

async function send(
  { url, admin }: Breakwater,
  method: string,
  path: string,
  body: string | Buffer,
  type: string,
): Promise<void> {
  const credentials = Buffer.from(`${admin.user}:${admin.password}`).toString('base64')
  const headers = { authorization: `Basic ${credentials}`, 'content-type': type }
  const response = await fetch(`${url}${path}`, { method, headers, body: new Uint8Array(Buffer.from(body)) })
  const answer = await response.text()
  if (response.status !== 201) throw new Error(`${method} ${path} was answered with ${response.status}: ${answer}`)
}
