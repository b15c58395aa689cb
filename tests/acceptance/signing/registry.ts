import { type Digest, digestOf, mediaType } from '@breakwater/oci'
import { type Answer, type Ask, ask, basic } from '../../../server/test/client.ts'
import { mustPutManifest, type Pushes, pushBlob } from '../../../server/test/content.ts'
import type { Breakwater } from '../support/breakwater.ts'
import type { Account } from '../support/http.ts'

/** The registry as one account sees it. */
export function as({ url }: Pick<Breakwater, 'url'>, { user, password }: Account): Pushes {
  const auth = basic(user, password)
  return { ask: (method: string, path: string, options: Ask = {}) => ask(url, method, path, { auth, ...options }) }
}

export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
}

export interface Layer {
  readonly mediaType: string
  readonly annotations: Readonly<Record<string, string>>
  readonly bytes: Buffer
}

/** A piece of evidence as a client has pushed it, with its content. */
export interface Attached {
  /** The tag that cosign 2 gives it, such as `sha256-….sig`; none where it names its subject. */
  readonly tag?: string
  /** The members of the manifest beside `config` and `layers`. */
  readonly manifest: { readonly subject?: Descriptor } & Readonly<Record<string, unknown>>
  readonly config: { readonly descriptor: Descriptor; readonly bytes: Buffer }
  readonly layers: readonly Layer[]
}

/** All that belongs to an artifact: what lists it as its subject, and what is under the tags of cosign 2. */
export async function attachedTo(registry: Pushes, repository: string, subject: Digest): Promise<Attached[]> {
  const base = `/v2/${repository}`
  const { manifests } = json<{ manifests: { digest: Digest }[] }>(await good(registry, `${base}/referrers/${subject}`))
  const tags = ['sig', 'att'].map((suffix) => `${subject.replace(':', '-')}.${suffix}`)
  const found = []
  for (const reference of [...tags, ...manifests.map(({ digest }) => digest)]) {
    const answer = await registry.ask('GET', `${base}/manifests/${reference}`, accept)
    if (answer.status === 404) continue
    found.push(await read(registry, repository, answer, tags.includes(reference) ? reference : undefined))
  }
  // A tag of cosign 2 may be listed as a referrer, too.
  const named = found.filter(({ tag }) => tag !== undefined)
  return named.length > 0 ? named : found
}

const accept = { headers: { accept: mediaType.ociManifest } }

async function read(registry: Pushes, repository: string, answer: Answer, tag: string | undefined): Promise<Attached> {
  const { config, layers, ...manifest } = json<{ config: Descriptor; layers: Descriptor[] }>(answer)
  const blob = async ({ digest }: Descriptor) => (await good(registry, `/v2/${repository}/blobs/${digest}`)).bytes
  const content: Layer[] = []
  for (const layer of layers) {
    content.push({ mediaType: layer.mediaType, annotations: layer.annotations ?? {}, bytes: await blob(layer) })
  }
  const configured = { descriptor: config, bytes: await blob(config) }
  return { ...(tag === undefined ? {} : { tag }), manifest, config: configured, layers: content }
}

/** Pushes it, whatever it has become, without the blobs that are `present` in the repository already. */
export async function push(
  registry: Pushes,
  repository: string,
  attached: Attached,
  present: Set<Digest>,
): Promise<Answer> {
  const { tag, manifest, config, layers } = attached
  const blobs = [config, ...layers].map(({ bytes }) => ({ digest: digestOf(bytes), bytes }))
  for (const blob of blobs) {
    if (!present.has(blob.digest)) await pushBlob(registry, repository, blob)
    present.add(blob.digest)
  }
  const described = layers.map(({ bytes, ...layer }) => ({ ...layer, digest: digestOf(bytes), size: bytes.length }))
  const body = Buffer.from(JSON.stringify({ ...manifest, config: config.descriptor, layers: described }))
  const headers = { 'content-type': mediaType.ociManifest }
  return registry.ask('PUT', `/v2/${repository}/manifests/${tag ?? digestOf(body)}`, { body, headers })
}

/** An image that is small, and like no other where `author` is. */
export interface Image {
  readonly digest: Digest
  readonly descriptor: Descriptor
  readonly pushTo: (registry: Pushes, repository: string) => Promise<void>
}

export function imageBy(author: string): Image {
  const bytes = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', author, rootfs: { type: 'layers' } }))
  const config = { mediaType: mediaType.ociConfig, digest: digestOf(bytes), size: bytes.length }
  const document = { schemaVersion: 2, mediaType: mediaType.ociManifest, config, layers: [] }
  const manifest = Buffer.from(JSON.stringify(document))
  const digest = digestOf(manifest)
  return {
    digest,
    descriptor: { mediaType: mediaType.ociManifest, digest, size: manifest.length },
    async pushTo(registry, repository) {
      await pushBlob(registry, repository, { digest: config.digest, bytes })
      await mustPutManifest(registry, repository, '1', manifest)
    },
  }
}

async function good(registry: Pushes, path: string): Promise<Answer> {
  const answer = await registry.ask('GET', path)
  if (answer.status !== 200) throw new Error(`GET ${path} was answered with ${answer.status}: ${answer.text}`)
  return answer
}

function json<T>({ text }: Answer): T {
  return JSON.parse(text) as T
}
