import { digestOf, mediaType } from '@breakwater/oci'
import { beforeAll, describe, expect, it } from 'vitest'
import { errorOf } from '../client.ts'
import {
  type Blob,
  blobOf,
  configBlob,
  descriptor,
  imageManifest,
  indexManifest,
  pushBlob,
  pushImage,
  putManifest,
} from '../content.ts'
import { sharedRegistry } from '../registry.ts'

const registry = sharedRegistry()
const config = configBlob()
const layer = blobOf()

beforeAll(async () => {
  for (const blob of [config, layer]) await pushBlob(registry(), 'library/app', blob)
})

const docker = {
  mediaType: mediaType.dockerManifest,
  config: descriptor(mediaType.dockerConfig, config),
  layers: [descriptor(mediaType.dockerLayerGzip, layer)],
}
const empty = blobOf('{}')

describe('takes', () => {
  it.each([
    ['an OCI manifest', mediaType.ociManifest, imageManifest(config, [layer])],
    ['a Docker manifest', mediaType.dockerManifest, imageManifest(config, [layer], docker)],
    ['a manifest without mediaType', mediaType.ociManifest, imageManifest(config, [layer], { mediaType: undefined })],
    ['a manifest without layers', mediaType.ociManifest, imageManifest(config, [])],
    ['a manifest that names a layer twice', mediaType.ociManifest, imageManifest(config, [layer, layer])],
    ['the type with parameters', `${mediaType.ociManifest}; charset=utf-8`, imageManifest(config, [layer])],
    ['an unknown member', mediaType.ociManifest, imageManifest(config, [layer], { 'com.example.x': [1] })],
    ['an empty index', mediaType.ociIndex, indexManifest([])],
  ])('%s', async (what, type, text) => {
    const tag = what.replaceAll(' ', '-')
    const answer = await putManifest(registry(), 'library/app', tag, text, type)
    expect(answer.text).toBe('')
    expect(answer.status).toBe(201)
    const { digest } = blobOf(text)
    expect(answer.headers).toMatchObject({
      'docker-content-digest': digest,
      location: `/v2/library/app/manifests/${digest}`,
    })
    for (const reference of [tag, digest]) {
      const pulled = await registry().ask('GET', `/v2/library/app/manifests/${reference}`)
      expect(pulled.text).toBe(text)
      expect(pulled.headers['content-type']).toBe(type.split(';')[0])
    }
  })

  it('an index and a Docker list of what the repository has', async () => {
    const one = await pushImage(registry(), 'library/app')
    const other = await pushImage(registry(), 'library/app')
    const platform = (architecture: string) => ({ platform: { architecture, os: 'linux' } })
    const children = [
      { ...descriptor(mediaType.ociManifest, one), ...platform('amd64') },
      { ...descriptor(mediaType.ociManifest, other), ...platform('arm64') },
    ]
    for (const type of [mediaType.ociIndex, mediaType.dockerManifestList]) {
      const text = indexManifest([], { mediaType: type, manifests: children })
      const answer = await putManifest(registry(), 'library/app', 'multi', text, type)
      expect(answer.status).toBe(201)
      const pulled = await registry().ask('GET', '/v2/library/app/manifests/multi')
      expect(pulled.headers['content-type']).toBe(type)
      expect(pulled.text).toBe(text)
    }
  })

  it('an artifact with a subject, present or not, and says so', async () => {
    await pushBlob(registry(), 'library/app', empty)
    const subject = descriptor(mediaType.ociManifest, blobOf('absent'))
    const text = imageManifest(empty, [layer], {
      config: descriptor(mediaType.ociEmpty, empty),
      artifactType: 'application/vnd.example.sbom',
      subject,
    })
    const answer = await putManifest(registry(), 'library/app', digestOf(Buffer.from(text)), text)
    expect(answer.status).toBe(201)
    expect(answer.headers['oci-subject']).toBe(subject.digest)
  })

  it('a manifest under its sha512 digest', async () => {
    const text = imageManifest(config, [layer], { annotations: { kind: 'sha512' } })
    const digest = digestOf(Buffer.from(text), 'sha512')
    const answer = await putManifest(registry(), 'library/app', digest, text)
    expect(answer.status).toBe(201)
    expect(answer.headers['docker-content-digest']).toBe(digest)
    const pulled = await registry().ask('GET', `/v2/library/app/manifests/${digest}`)
    expect(pulled.text).toBe(text)
    expect(pulled.headers.etag).toBe(`"${digest}"`)
  })

  it('the same manifest again, and moves a tag', async () => {
    const first = await pushImage(registry(), 'library/app', 'moving')
    const second = await pushImage(registry(), 'library/app', 'moving')
    for (const { digest, bytes } of [second, first]) {
      await putManifest(registry(), 'library/app', 'moving', bytes)
      const head = await registry().ask('HEAD', '/v2/library/app/manifests/moving')
      expect(head.headers['docker-content-digest']).toBe(digest)
    }
  })

  it('layers that are fetched from elsewhere without having them', async () => {
    const foreign = {
      ...descriptor(mediaType.dockerForeignLayer, blobOf('elsewhere')),
      urls: ['https://example.com/x'],
    }
    const text = imageManifest(config, [], { ...docker, layers: [foreign] })
    const answer = await putManifest(registry(), 'library/app', 'foreign', text, mediaType.dockerManifest)
    expect(answer.status).toBe(201)
  })
})

describe('refuses', () => {
  const nowhere = blobOf('nowhere')
  it.each<[string, string, string | Buffer, string, Partial<Blob>?]>([
    [
      'a layer that is not there',
      mediaType.ociManifest,
      imageManifest(config, [layer, nowhere]),
      'MANIFEST_BLOB_UNKNOWN',
    ],
    ['a config that is not there', mediaType.ociManifest, imageManifest(nowhere, [layer]), 'MANIFEST_BLOB_UNKNOWN'],
    ['a child that is not there', mediaType.ociIndex, indexManifest([nowhere]), 'MANIFEST_BLOB_UNKNOWN'],
    ['what is not JSON', mediaType.ociManifest, 'xx', 'MANIFEST_INVALID'],
    ['nothing', mediaType.ociManifest, '', 'MANIFEST_INVALID'],
    ['null', mediaType.ociManifest, 'null', 'MANIFEST_INVALID'],
    ['a list', mediaType.ociManifest, '[]', 'MANIFEST_INVALID'],
    ['bytes that are not UTF-8', mediaType.ociManifest, Buffer.from([0x7b, 0xff, 0x7d]), 'MANIFEST_INVALID'],
    [
      'schema 1',
      'application/vnd.docker.distribution.manifest.v1+prettyjws',
      '{"schemaVersion":1}',
      'MANIFEST_INVALID',
    ],
    ['an unknown type', 'application/json', imageManifest(config, [layer]), 'MANIFEST_INVALID'],
    [
      'a wrong size',
      mediaType.ociManifest,
      imageManifest(config, [], { layers: [{ ...descriptor(mediaType.ociLayerGzip, layer), size: 1 }] }),
      'MANIFEST_INVALID',
    ],
    ['a config that is no config', mediaType.ociManifest, imageManifest(layer, []), 'MANIFEST_INVALID'],
    ['a missing config', mediaType.ociManifest, imageManifest(config, [], { config: undefined }), 'MANIFEST_INVALID'],
    [
      'annotations that are not text',
      mediaType.ociManifest,
      imageManifest(config, [], { annotations: { a: 1 } }),
      'MANIFEST_INVALID',
    ],
    [
      'a bad digest',
      mediaType.ociManifest,
      imageManifest(config, [], { layers: [{ mediaType: 'x/y', size: 1, digest: 'sha256:x' }] }),
      'MANIFEST_INVALID',
    ],
  ])('%s', async (_, type, body, code) => {
    const answer = await putManifest(registry(), 'library/app', 'refused', body, type)
    expect(answer.status).toBe(400)
    expect(errorOf(answer).code).toBe(code)
    expect((await registry().ask('HEAD', '/v2/library/app/manifests/refused')).status).toBe(404)
  })

  it('what the digest in the path does not say', async () => {
    const text = imageManifest(config, [layer])
    const provided = blobOf('other').digest
    const answer = await putManifest(registry(), 'library/app', provided, text)
    expect(answer.status).toBe(400)
    expect(errorOf(answer)).toEqual({
      code: 'DIGEST_INVALID',
      message: 'provided digest did not match uploaded content',
      detail: { provided, computed: blobOf(text).digest },
    })
  })

  it('with the blob that is missing in detail', async () => {
    const answer = await putManifest(registry(), 'library/app', 'refused', imageManifest(config, [nowhere]))
    expect(errorOf(answer)).toEqual({
      code: 'MANIFEST_BLOB_UNKNOWN',
      message: 'blob unknown to registry',
      detail: nowhere.digest,
    })
  })

  it('an index that lists a layer, as older build caches are, and says what to set', async () => {
    const text = indexManifest([{ ...layer, mediaType: mediaType.ociLayerGzip }])
    const answer = await putManifest(registry(), 'library/app', 'cache', text, mediaType.ociIndex)
    expect(answer.status).toBe(400)
    expect(errorOf(answer)).toEqual({
      code: 'MANIFEST_BLOB_UNKNOWN',
      message: `an index may list manifests only, and this one lists ${layer.digest}; a build cache needs image-manifest=true`,
      detail: layer.digest,
    })
  })

  it('more bytes than a manifest may have, and names the setting', async () => {
    const body = Buffer.alloc((4 << 20) + 1, 0x20)
    const answer = await putManifest(registry(), 'library/app', 'refused', body)
    expect(answer.status).toBe(413)
    expect(errorOf(answer).message).toBe('a manifest may have 4194304 bytes (limits.manifestBytes)')
  })

  it('a first manifest of a repository without its blobs, and makes no repository', async () => {
    const answer = await putManifest(registry(), 'library/fresh', 'v1', imageManifest(config, [layer]))
    expect(answer.status).toBe(400)
    expect(await registry().query(`select from repository where name = 'fresh'`)).toEqual([])
  })
})
