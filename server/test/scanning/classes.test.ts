import { randomBytes } from 'node:crypto'
import { digestOf, mediaType } from '@breakwater/oci'
import { describe, expect, it } from 'vitest'
import { documents } from '../../src/scanning/content/fixture.ts'
import { type Blob, blobOf, configBlob, descriptor, indexManifest, mustPutManifest, pushBlob } from '../content.ts'
import { sharedRegistry } from '../registry.ts'
import { program, tar, tarGzip } from './archive.ts'
import { scanOf } from './scan.ts'

const registry = sharedRegistry()

interface Pushed {
  readonly config: Blob & { readonly type: string }
  readonly layers: readonly (Blob & { readonly type: string; readonly urls?: readonly string[] })[]
  /** Members of the manifest. */
  readonly extra?: object
}

async function push({ config, layers, extra }: Pushed): Promise<Blob> {
  for (const blob of [config, ...layers]) await pushBlob(registry(), 'library/class', blob)
  const manifest = blobOf(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaType.ociManifest,
      config: descriptor(config.type, config),
      layers: layers.map((layer) => descriptor(layer.type, layer)),
      annotations: { test: randomBytes(8).toString('hex') },
      ...extra,
    }),
  )
  await mustPutManifest(registry(), 'library/class', manifest.digest, manifest.bytes)
  return manifest
}

const typed = (type: string, bytes: Buffer | string) => ({ type, ...blobOf(bytes) })
const empty = typed(mediaType.ociEmpty, '{}')
const anyType = { artifactType: 'application/vnd.example' }
const rootfs = () => tarGzip({ 'bin/sh': program, 'etc/os-release': 'ID=debian\n' })

describe('evidence', () => {
  it.each(documents)('$mediaType', async ({ mediaType: type, bytes }) => {
    const manifest = await push({ config: empty, layers: [typed(type, bytes)], extra: anyType })
    expect(await scanOf(registry(), manifest.digest)).toMatchObject({
      state: 'success',
      class: 'evidence',
      failure: null,
    })
  })

  it('what a build says of itself, with a config like an image', async () => {
    const [statement] = documents.filter(({ mediaType: type }) => type === 'application/vnd.in-toto+json')
    const bytes = statement?.bytes ?? Buffer.alloc(0)
    const config = configBlob({ rootfs: { type: 'layers', diff_ids: [digestOf(bytes)] } })
    const layers = [typed('application/vnd.in-toto+json', bytes)]
    const manifest = await push({ config: { type: mediaType.ociConfig, ...config }, layers })
    expect(await scanOf(registry(), manifest.digest)).toMatchObject({ state: 'success', class: 'evidence' })
  })
})

describe('data', () => {
  const chartConfig = (name = 'web') =>
    typed('application/vnd.cncf.helm.config.v1+json', JSON.stringify({ name, version: '1.0.0', apiVersion: 'v2' }))
  const chartType = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'
  const chart = { 'web/Chart.yaml': 'name: web\n', 'web/templates/a.yaml': 'kind: Pod\n' }

  it('a chart, signed or not', async () => {
    const content = typed(chartType, await tarGzip(chart))
    const provenance = typed(
      'application/vnd.cncf.helm.chart.provenance.v1.prov',
      '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n',
    )
    for (const layers of [[content], [content, provenance]]) {
      const manifest = await push({ config: chartConfig(), layers })
      expect(await scanOf(registry(), manifest.digest)).toMatchObject({ state: 'success', class: 'data' })
    }
  })

  it.each([
    ['with a program', { ...chart, 'web/files/tool': program }],
    ['of another name', { 'bin/Chart.yaml': 'name: web\n' }],
    ['with a folder beside it', { ...chart, 'bin/sh': '#!/bin/sh\n' }],
    ['that climbs', { ...chart, 'web/../bin/sh': '#!/bin/sh\n' }],
    ['without its description', { 'web/values.yaml': 'a: 1\n' }],
  ])('no chart is one %s', async (_, files) => {
    const manifest = await push({ config: chartConfig(), layers: [typed(chartType, await tarGzip(files))] })
    expect((await scanOf(registry(), manifest.digest)).class).toBe('image')
  })

  it('no chart is a root filesystem', async () => {
    const manifest = await push({ config: chartConfig(), layers: [typed(chartType, await rootfs())] })
    expect((await scanOf(registry(), manifest.digest)).class).toBe('image')
  })

  const bolt = Buffer.alloc(8192)
  bolt.writeUInt32LE(0xed0cdaed, 16)
  bolt.writeUInt32LE(2, 20)
  const metadata = JSON.stringify({ Version: 2, UpdatedAt: '2026-11-01T00:00:00Z' })
  const databaseType = 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip'

  it('a vulnerability database, pushed as the guide does', async () => {
    const layer = typed(databaseType, await tarGzip({ 'trivy.db': bolt, 'metadata.json': metadata }))
    const manifest = await push({ config: empty, layers: [layer], extra: anyType })
    expect(await scanOf(registry(), manifest.digest)).toMatchObject({ state: 'success', class: 'data' })
  })

  it.each([
    ['a root filesystem', async () => rootfs()],
    ['something beside it', async () => tarGzip({ 'trivy.db': bolt, 'metadata.json': metadata, 'bin/sh': 'x' })],
    ['another content', async () => tarGzip({ 'trivy.db': program, 'metadata.json': metadata })],
  ])('no vulnerability database is %s', async (_, content) => {
    const manifest = await push({ config: empty, layers: [typed(databaseType, await content())], extra: anyType })
    expect((await scanOf(registry(), manifest.digest)).class).toBe('image')
  })
})

describe('images that are dressed up (gate.md G1)', () => {
  const subject = { mediaType: mediaType.ociManifest, digest: digestOf(Buffer.from('x')), size: 1 }
  const imageConfig = () => typed(mediaType.ociConfig, configBlob().bytes)

  const dresses: readonly (readonly [string, () => Promise<Pushed>])[] = [
    [
      'as a signature by subject and artifact type',
      async () => ({
        config: imageConfig(),
        layers: [typed(mediaType.ociLayerGzip, await rootfs())],
        extra: { subject, artifactType: 'application/vnd.dev.cosign.artifact.sig.v1+json' },
      }),
    ],
    [
      'with an empty config',
      async () => ({
        config: empty,
        layers: [typed(mediaType.ociLayerGzip, await rootfs())],
        extra: { subject, artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json' },
      }),
    ],
    [
      "with the config of a build's cache",
      async () => ({
        config: typed('application/vnd.buildkit.cacheconfig.v0', JSON.stringify({ layers: [], records: [] })),
        layers: [typed(mediaType.ociLayerGzip, await rootfs())],
      }),
    ],
    ...documents.map(
      ({ mediaType: type }) =>
        [
          `with layers of type ${type}`,
          async () => ({ config: empty, layers: [typed(type, await rootfs())], extra: { subject, ...anyType } }),
        ] as const,
    ),
    [
      'with an archive that is not packed as a signature',
      async () => ({
        config: empty,
        layers: [typed('application/vnd.dev.cosign.simplesigning.v1+json', await tar({ 'bin/sh': program }))],
        extra: anyType,
      }),
    ],
    [
      'with one layer that is a signature',
      async () => ({
        config: empty,
        layers: [
          ...documents.slice(0, 1).map(({ mediaType: type, bytes }) => typed(type, bytes)),
          typed('application/vnd.dev.cosign.simplesigning.v1+json', await rootfs()),
        ],
        extra: anyType,
      }),
    ],
  ]

  it.each(dresses)('%s', async (_, made) => {
    const manifest = await push(await made())
    expect((await scanOf(registry(), manifest.digest)).class).toBe('image')
  })

  it('for an unknown platform of an index', async () => {
    const child = await push({ config: imageConfig(), layers: [typed(mediaType.ociLayerGzip, await rootfs())] })
    const unknown = { platform: { architecture: 'unknown', os: 'unknown' } }
    const entry = { ...descriptor(mediaType.ociManifest, child), ...unknown }
    const index = blobOf(indexManifest([], { manifests: [entry] }))
    await mustPutManifest(registry(), 'library/class', index.digest, index.bytes, mediaType.ociIndex)
    expect((await scanOf(registry(), child.digest)).class).toBe('image')
    expect(await scanOf(registry(), index.digest)).toMatchObject({ state: 'success', class: 'index' })
  })

  it('in a config whose names differ by case', async () => {
    const config = typed(
      'application/vnd.example.config+json',
      '{"RootFS":{"type":"layers","diff_ids":[]},"rootfs":{}}',
    )
    const manifest = await push({ config, layers: [typed(mediaType.ociLayerGzip, await rootfs())] })
    expect(await scanOf(registry(), manifest.digest)).toMatchObject({ state: 'error', class: 'image' })
  })
})

describe('images', () => {
  it('whose config names other layers end with an error', async () => {
    const layer = typed(mediaType.ociLayerGzip, await rootfs())
    const claimed = digestOf(Buffer.from('another'))
    const config = typed(mediaType.ociConfig, configBlob({ rootfs: { type: 'layers', diff_ids: [claimed] } }).bytes)
    const { state, failure } = await scanOf(registry(), (await push({ config, layers: [layer] })).digest)
    expect({ state, failure }).toEqual({
      state: 'error',
      failure: expect.stringContaining(`its config names other layers: ${claimed}`),
    })
  })

  it('whose layers nothing can read end with an error', async () => {
    const config = typed(mediaType.ociConfig, configBlob().bytes)
    const layer = typed(mediaType.ociLayerGzip, 'no archive')
    const scan = await scanOf(registry(), (await push({ config, layers: [layer] })).digest)
    expect(scan).toMatchObject({ state: 'error', class: 'image', failure: expect.stringContaining(layer.digest) })
  })

  it('without layers hold nothing', async () => {
    const manifest = await push({ config: typed(mediaType.ociConfig, configBlob().bytes), layers: [] })
    expect(await scanOf(registry(), manifest.digest)).toMatchObject({ state: 'success', class: 'image', failure: null })
  })
})

it('other content is unknown', async () => {
  const layers = [typed('application/vnd.example.thing', 'some bytes')]
  const manifest = await push({ config: empty, layers, extra: anyType })
  expect(await scanOf(registry(), manifest.digest)).toMatchObject({ state: 'success', class: 'unknown' })
})
