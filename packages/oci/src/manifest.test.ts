import { describe, expect, test } from 'vitest'
import { digestOf } from './digest.ts'
import { RegistryError } from './error.ts'
import { effectiveArtifactType, type Manifest, parseManifest } from './manifest.ts'
import { mediaType } from './media-type.ts'

const digest = digestOf(Buffer.from('{}'))
const config = { mediaType: mediaType.ociConfig, digest, size: 2 }
const layer = { mediaType: mediaType.ociLayerGzip, digest: digestOf(Buffer.from('x'), 'sha512'), size: 1 }
const image = { schemaVersion: 2, mediaType: mediaType.ociManifest, config, layers: [layer] }
const child = { mediaType: mediaType.ociManifest, digest, size: 2 }
const index = { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests: [child] }

function parse(document: unknown, contentType?: string): Manifest {
  return parseManifest(Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)), contentType)
}

function refusal(document: unknown, contentType?: string): string {
  try {
    parse(document, contentType)
  } catch (error) {
    if (error instanceof RegistryError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'accepted'
}

describe('what is read', () => {
  test('an image manifest', () => {
    expect(parse(image, mediaType.ociManifest)).toEqual({
      kind: 'image',
      mediaType: mediaType.ociManifest,
      config,
      layers: [layer],
    })
  })

  test('an index with platforms, under their own keys', () => {
    const platform = { architecture: 'amd64', os: 'windows', 'os.version': '10.0', 'os.features': ['win32k'] }
    const other = { architecture: 'arm', os: 'linux', variant: 'v7', features: [] }
    const manifests = [
      { ...child, platform },
      { ...child, platform: other, artifactType: 'text/x' },
    ]
    const annotations = { Size: 'any key', size: 'is fine' }
    expect(parse({ ...index, manifests, annotations })).toEqual({
      kind: 'index',
      mediaType: mediaType.ociIndex,
      manifests,
      annotations,
    })
  })

  test('an artifact with a subject', () => {
    const artifact = {
      ...image,
      artifactType: 'application/vnd.example',
      config: { ...config, mediaType: mediaType.ociEmpty, data: 'e30=' },
      subject: { ...child, annotations: { a: 'b' }, urls: ['https://example.com/x'] },
      annotations: {},
    }
    const { schemaVersion: _, ...expected } = artifact
    expect(parse(artifact)).toEqual({
      kind: 'image',
      ...expected,
      config: { ...config, mediaType: mediaType.ociEmpty },
    })
  })

  test('Docker manifests and lists, members that we do not know, and null for what may be absent', () => {
    expect(parse({ ...image, mediaType: mediaType.dockerManifest, subject: null }).mediaType).toBe(
      mediaType.dockerManifest,
    )
    expect(parse({ ...index, mediaType: mediaType.dockerManifestList, 'org.custom': { a: 1 } }).kind).toBe('index')
    expect(parse({ ...image, layers: [] })).toMatchObject({ layers: [] })
  })
})

describe('the type', () => {
  const { mediaType: _image, ...bareImage } = image
  const { mediaType: _index, ...bareIndex } = index

  test('comes from the Content-Type, else the body, else the members', () => {
    expect(parse(bareImage, `${mediaType.dockerManifest} ; charset=utf-8`).mediaType).toBe(mediaType.dockerManifest)
    expect(parse(image, mediaType.ociManifest.toUpperCase()).mediaType).toBe(mediaType.ociManifest)
    expect(parse({ ...image, mediaType: mediaType.dockerManifest }).mediaType).toBe(mediaType.dockerManifest)
    expect(parse(bareImage).mediaType).toBe(mediaType.ociManifest)
    expect(parse(bareIndex, '').mediaType).toBe(mediaType.ociIndex)
  })

  test.each([
    [image, mediaType.dockerManifest, 'differs from the Content-Type'],
    [image, mediaType.ociIndex, 'differs from the Content-Type'],
    [image, 'application/json', 'differs from the Content-Type'],
    [bareImage, 'application/json', 'manifest type "application/json" is not accepted; accepted are application/vnd'],
    [bareImage, mediaType.ociIndex, 'manifests must be an array'],
    [bareIndex, mediaType.ociManifest, 'config must be an object'],
    [{ schemaVersion: 2 }, undefined, 'mediaType must be set, or a Content-Type sent'],
    [{ ...bareImage, mediaType: '' }, undefined, 'mediaType must not be empty'],
    [{ ...bareImage, mediaType: 2 }, undefined, 'mediaType must be a string'],
    [{ ...image, manifests: [] }, undefined, 'layers must not stand beside manifests'],
    [{ ...index, config }, undefined, 'config must not stand beside manifests'],
    [{ ...index, layers: [] }, mediaType.ociIndex, 'layers must not stand beside manifests'],
    [{ ...image, schemaVersion: 1 }, undefined, 'Docker image manifest schema 1 is not accepted'],
    [{ ...image, fsLayers: [] }, undefined, 'Docker image manifest schema 1 is not accepted'],
    [bareImage, 'application/vnd.docker.distribution.manifest.v1+prettyjws', 'Docker image manifest schema 1'],
    [{ ...image, schemaVersion: '2' }, undefined, 'schemaVersion must be 2'],
    [bareImage, `x/${'y'.repeat(9000)}`, '…" is not accepted'],
  ])('case %# is refused', (document, contentType, reason) => {
    expect(refusal(document, contentType)).toMatch(/^MANIFEST_INVALID: /)
    expect(refusal(document, contentType)).toContain(reason)
    expect(refusal(document, contentType).length).toBeLessThan(600)
  })
})

describe('members', () => {
  test.each([
    [{ ...image, config: { ...config, digest: 'sha256:abc' } }, 'config.digest must be sha256:<64'],
    [{ ...image, config: { ...config, digest: digest.toUpperCase() } }, 'config.digest must be'],
    [{ ...image, layers: [layer, { ...layer, size: -1 }] }, 'layers[1].size must be a number of bytes'],
    [{ ...image, layers: [{ ...layer, size: '1' }] }, 'layers[0].size must be'],
    [{ ...image, layers: [{ ...layer, size: 1.5 }] }, 'layers[0].size must be'],
    [{ ...image, layers: [{ ...layer, mediaType: '' }] }, 'layers[0].mediaType must not be empty'],
    [{ ...image, layers: [{ digest, size: 1 }] }, 'layers[0].mediaType must be a string'],
    [{ ...image, layers: [null] }, 'layers[0] must be an object'],
    [{ ...image, layers: {} }, 'layers must be an array'],
    [{ ...image, layers: null }, 'layers must be an array'],
    [{ ...image, annotations: { a: 1 } }, 'annotations must map strings to strings'],
    [{ ...image, annotations: { a: null } }, 'annotations must map strings to strings'],
    [{ ...image, annotations: [] }, 'annotations must be an object'],
    [{ ...image, artifactType: '' }, 'artifactType must not be empty'],
    [{ ...image, subject: 'x' }, 'subject must be an object'],
    [{ ...image, subject: { ...child, urls: [1] } }, 'subject.urls[0] must be a string'],
    [{ ...index, manifests: [{ ...child, platform: {} }] }, 'manifests[0].platform.architecture must be a string'],
    [
      { ...index, manifests: [{ ...child, platform: { architecture: 'a', os: 'b', 'os.features': 'c' } }] },
      'manifests[0].platform.os.features must be an array',
    ],
    [{ ...image, config: { ...config, mediaType: mediaType.ociEmpty } }, 'artifactType must be set when the config'],
    [{ ...image, config: { ...config, data: 'e31=' } }, 'config.data must be base64'],
    [{ ...image, config: { ...config, data: 'e30' } }, 'config.data must be base64'],
    [{ ...image, config: { ...config, data: 'W10=' } }, 'config.data must be the content'],
    [{ ...image, config: { ...config, size: 3, data: 'e30=' } }, 'config.data must be the content'],
    [[], 'the document must be an object'],
    [null, 'the document must be an object'],
    ['x', `unmarshal manifest failed: Unexpected token 'x'`],
    ['', 'unmarshal manifest failed: '],
  ])('case %# is refused', (document, reason) => {
    expect(refusal(document)).toMatch(/^MANIFEST_INVALID: /)
    expect(refusal(document)).toContain(reason)
  })

  test('at most 10,000 descriptors and 4 MiB', () => {
    const small = { mediaType: 'a', digest, size: 0 }
    expect(refusal({ ...image, layers: Array(10_000).fill(small) })).toBe('accepted')
    expect(refusal({ ...image, layers: Array(10_001).fill(small) })).toContain('layers has 10001 entries')
    expect(refusal({ ...image, layers: Array(10_001).fill(0) })).toContain('at most 10000')
    expect(refusal({ ...image, annotations: { a: 'b'.repeat(4 * 1024 * 1024) } })).toMatch(/^SIZE_INVALID: /)
  })
})

describe('documents that engines read in two ways are refused', () => {
  const text = JSON.stringify(image)
  const evil = JSON.stringify([{ ...layer, size: 6 }])

  test.each([
    text.replace('"layers"', `"layers":${evil},"layers"`),
    text.replace('"layers"', `"Layers":${evil},"layers"`),
    text.replace('"layers"', `"layer\u017F":${evil},"layers"`),
    text.replace('"layers"', `"\\u004cayers":${evil},"layers"`),
    text.replace('"layers"', '"Layers"'),
    text.replace('"config"', '"CONFIG"'),
    text.replaceAll('"digest"', '"Digest"'),
    text.replace('"size"', '"\u017Fize"'),
    text.replace('"mediaType"', '"MediaType"'),
    text.replace('"schemaVersion"', '"FSLayers":[],"schemaVersion"'),
    text.replace('"schemaVersion"', '"Manifests":[],"schemaVersion"'),
    text.replace('"schemaVersion"', '"Subject":{},"schemaVersion"'),
    JSON.stringify(index).replace('"manifests"', '"Layers":[],"manifests"'),
    JSON.stringify({ ...index, manifests: [{ ...child, platform: { architecture: 'a', os: 'b', OS: 'c' } }] }),
    text.replace('"schemaVersion"', '"annotations":{"a":"b","a":"c"},"schemaVersion"'),
  ])('%s', (document) => {
    expect(refusal(document)).toMatch(/must be spelt|appears twice|duplicate key/)
  })
})

test('effectiveArtifactType', () => {
  expect(effectiveArtifactType(parse(image))).toBe(mediaType.ociConfig)
  expect(effectiveArtifactType(parse({ ...image, artifactType: 'a/b' }))).toBe('a/b')
  expect(effectiveArtifactType(parse({ ...index, artifactType: 'a/b' }))).toBe('a/b')
  expect(effectiveArtifactType(parse(index))).toBeUndefined()
})

test('a manifest of nearly 4 MiB is read in well under a second', () => {
  const manifests = Array.from({ length: 9_900 }, (_, position) => ({
    ...child,
    platform: { architecture: 'amd64', os: 'linux' },
    annotations: { [`org.example.${position}`]: 'x'.repeat(150) },
  }))
  const bytes = Buffer.from(JSON.stringify({ ...index, manifests }))
  expect(bytes.length).toBeGreaterThan(3.5 * 1024 * 1024)
  const begin = performance.now()
  parseManifest(bytes, undefined)
  expect(performance.now() - begin).toBeLessThan(1000)
})
