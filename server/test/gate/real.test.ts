import { randomBytes } from 'node:crypto'
import { debianRelease, dpkgStatus, type FixtureEntry } from '@breakwater/inventory/fixture'
import { type Digest, digestOf, mediaType } from '@breakwater/oci'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { documents } from '../../src/scanning/content/fixture.ts'
import { addMember, createProject, createUser, type TestUser, tokenFor } from '../accounts.ts'
import { ask } from '../client.ts'
import { type Blob, blobOf, descriptor, imageManifest, mustPutManifest, pushBlob, putManifest } from '../content.ts'
import { caller } from '../harbor-api/call.ts'
import { sharedRegistry } from '../registry.ts'
import { program, tarGzip } from '../scanning/archive.ts'
import { databaseOf, importDatabase } from '../scanning/database.ts'
import { debian, pushLayers } from '../scanning/image.ts'
import { scanOf } from '../scanning/scan.ts'
import { gatedProject, refusedFor, told } from './stage.ts'

/** The whole way: real layers, scanned by threads and matched against a database that was imported. */
const registry = sharedRegistry()
const harbor = caller(registry)
let reader: TestUser

const bad = databaseOf([
  ['CVE-2026-1', 4],
  ['CVE-2026-2', 1],
])
const fixed: readonly FixtureEntry[] = [
  ...debianRelease('12.5'),
  dpkgStatus([{ name: 'libssl3', version: '3.0.20-1', source: 'openssl' }]),
]
/** Content that no other test has scanned already. */
const unique = (): FixtureEntry[] => [{ path: 'etc/machine-id', content: randomBytes(16).toString('hex') }]

beforeAll(async () => {
  await importDatabase(registry(), bad)
  await gatedProject(registry(), 'production')
  await createProject(registry(), 'staging')
  reader = await createUser(registry(), 'reader')
  for (const project of ['production', 'staging']) await addMember(registry(), project, reader, 'guest')
})

async function pull(reference: string, repository = 'production/app', path = 'manifests') {
  const auth = await tokenFor(registry(), reader.auth, `repository:${repository}:pull`)
  return registry().ask('GET', `/v2/${repository}/${path}/${reference}`, { auth })
}

describe('pushed and pulled at once', () => {
  it('a vulnerable image is refused, and a fixed one over its tag is served', async () => {
    await pushLayers(registry(), 'production/app', 'v1', [debian, unique()])
    expect(told(await pull('v1'))).toEqual(refusedFor('with 1 critical vulnerability'))
    const good = await pushLayers(registry(), 'production/app', 'v1', [fixed, unique()])
    const answer = await pull('v1')
    expect([answer.status, answer.headers['docker-content-digest']]).toEqual([200, good])
  })

  it('no pull during the scan gets through', async () => {
    const tags = Array.from({ length: 12 }, (_, i) => `during${i}`)
    const answers = await Promise.all(
      tags.flatMap((tag) => {
        const pushed = pushLayers(registry(), 'production/busy', tag, [debian, unique()])
        return [0, 1, 2].map(async () => {
          const digest = await pushed
          return (await pull(digest, 'production/busy')).status
        })
      }),
    )
    expect(new Set(answers)).toEqual(new Set([403]))
  })

  it('by promotion from a project without a gate: mounted, then refused', async () => {
    const digest = await pushLayers(registry(), 'staging/app', 'v1', [debian, unique()])
    const manifest = await pull('v1', 'staging/app')
    expect(manifest.status).toBe(200)
    const { config, layers } = JSON.parse(manifest.text) as { config: Blob; layers: Blob[] }
    for (const { digest: blob } of [config, ...layers]) {
      const path = `/v2/production/promoted/blobs/uploads/?mount=${blob}&from=staging/app`
      expect((await registry().ask('POST', path)).status).toBe(201)
    }
    await mustPutManifest(registry(), 'production/promoted', 'v1', manifest.bytes)
    expect((await pull(digest, 'production/promoted')).status).toBe(403)
    expect((await pull(layers[0]?.digest ?? digest, 'production/promoted', 'blobs')).status).toBe(403)
  })
})

describe('what can be read only in part', () => {
  it('is refused for the types that are not covered, unless these are accepted', async () => {
    await pushLayers(registry(), 'production/java', 'v1', [fixed, [{ path: 'app/a.jar', content: 'PK' }, ...unique()]])
    const answer = told(await pull('v1', 'production/java'))
    expect(answer).toMatchObject({
      status: 403,
      message: expect.stringMatching(/^current image with packages that can't be checked yet \(jar\)/),
    })
    const put = (body: object) =>
      registry().ask('PUT', '/api/breakwater/v1/projects/production/policy', { body: JSON.stringify(body) })
    await put({ acceptNotCovered: ['jar'] })
    expect((await pull('v1', 'production/java')).status).toBe(200)
    await put({})
  })

  it('is refused when the config names other layers than the image has', async () => {
    const other = { rootfs: { type: 'layers', diff_ids: [digestOf(Buffer.from('x')), digestOf(Buffer.from('y'))] } }
    await pushLayers(registry(), 'production/lying', 'v1', [fixed, unique()], other)
    expect(told(await pull('v1', 'production/lying'))).toMatchObject({
      status: 403,
      message: expect.stringMatching(/^current image whose config names other layers than it has/),
    })
    const fewer = { rootfs: { type: 'layers', diff_ids: [] } }
    await pushLayers(registry(), 'production/lying', 'v2', [fixed, unique()], fewer)
    expect(told(await pull('v2', 'production/lying')).message).toMatch(/^current image whose config names other layers/)
  })

  it('is refused when a layer is no archive', async () => {
    const config = blobOf(JSON.stringify({ rootfs: { type: 'layers', diff_ids: [digestOf(Buffer.from('x'))] } }))
    const layer = blobOf()
    for (const blob of [config, layer]) await pushBlob(registry(), 'production/garbage', blob)
    await mustPutManifest(registry(), 'production/garbage', 'v1', imageManifest(config, [layer]))
    expect(told(await pull('v1', 'production/garbage'))).toMatchObject({
      status: 403,
      message: expect.stringContaining('"Error" status of vulnerability scanning'),
    })
  })
})

interface Pushed {
  readonly config: Blob & { readonly type: string }
  readonly layers: readonly (Blob & { readonly type: string })[]
  readonly extra?: object
}
const typed = (type: string, bytes: Buffer | string) => ({ type, ...blobOf(bytes) })

async function push(repository: string, { config, layers, extra }: Pushed): Promise<Digest> {
  for (const blob of [config, ...layers]) await pushBlob(registry(), repository, blob)
  const manifest = blobOf(
    imageManifest(config, [], {
      config: descriptor(config.type, config),
      layers: layers.map((layer) => descriptor(layer.type, layer)),
      annotations: { test: randomBytes(8).toString('hex') },
      ...extra,
    }),
  )
  await mustPutManifest(registry(), repository, manifest.digest, manifest.bytes)
  return manifest.digest
}

const subject = { mediaType: mediaType.ociManifest, digest: digestOf(Buffer.from('x')), size: 1 }
const empty = () => typed(mediaType.ociEmpty, '{}')
/** Debian 12 with the openssl that the database knows of. */
const rootfs = () =>
  tarGzip({ 'bin/sh': program, ...Object.fromEntries(debian.map((one) => [one.path, one.content ?? ''])) })

describe('images dressed as something else are refused, manifest and layers (G1)', () => {
  const cosign = { subject, artifactType: 'application/vnd.dev.cosign.artifact.sig.v1+json' }
  const layerTypes = [
    mediaType.ociLayerGzip,
    'application/vnd.dev.cosign.simplesigning.v1+json',
    'application/vnd.in-toto+json',
    'application/vnd.dev.sigstore.bundle.v0.3+json',
    'application/spdx+json',
    'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
    'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip',
    'application/octet-stream',
    'application/vnd.example.nobody.knows',
  ]
  const configs = [
    () => empty(),
    () => typed('application/vnd.cncf.helm.config.v1+json', '{"name":"web","version":"1.0.0","apiVersion":"v2"}'),
    () => typed('application/vnd.buildkit.cacheconfig.v0', '{"layers":[],"records":[]}'),
    () => typed(mediaType.ociConfig, '{"rootfs":{"type":"layers","diff_ids":[]}}'),
  ]
  test.each(layerTypes)('layers of type %s, with every kind of config', async (type) => {
    for (const config of configs) {
      const layer = typed(type, await rootfs())
      const digest = await push('production/dressed', { config: config(), layers: [layer], extra: cosign })
      expect((await pull(digest, 'production/dressed')).status).toBe(403)
      expect((await pull(layer.digest, 'production/dressed', 'blobs')).status).toBe(403)
    }
  })

  test.each([
    ['layers in two spellings', '{"layers":[],"Layers":[]'],
    ['layers with a long s', '{"layers":[],"layer\\u017f":[]'],
    ['a key twice', '{"layers":[],"layers":[]'],
    ['layers and manifests', '{"layers":[],"manifests":[]'],
  ])('%s: 400 at the push', async (_, head) => {
    const config = empty()
    await pushBlob(registry(), 'production/dressed', config)
    const rest = `"schemaVersion":2,"mediaType":"${mediaType.ociManifest}","config":${JSON.stringify(descriptor(config.type, config))}}`
    expect((await putManifest(registry(), 'production/dressed', 'two', `${head},${rest}`)).status).toBe(400)
  })

  test('a type that is not the Content-Type: 400 at the push', async () => {
    const manifest = imageManifest(empty(), [])
    expect((await putManifest(registry(), 'production/dressed', 'x', manifest, mediaType.dockerManifest)).status).toBe(
      400,
    )
  })
})

describe('what does not run is served to whoever may pull', () => {
  test.each(documents)('$mediaType', async ({ mediaType: type, bytes }) => {
    const layer = typed(type, bytes)
    const extra = { subject, artifactType: 'application/vnd.example' }
    const digest = await push('production/evidence', { config: empty(), layers: [layer], extra })
    expect((await pull(digest, 'production/evidence')).status).toBe(200)
    expect((await pull(layer.digest, 'production/evidence', 'blobs')).status).toBe(200)
  })

  it('a chart', async () => {
    const chart = await tarGzip({ 'web/Chart.yaml': 'name: web\n', 'web/templates/a.yaml': 'kind: Pod\n' })
    const layer = typed('application/vnd.cncf.helm.chart.content.v1.tar+gzip', chart)
    const config = typed(
      'application/vnd.cncf.helm.config.v1+json',
      '{"name":"web","version":"1.0.0","apiVersion":"v2"}',
    )
    const digest = await push('production/chart', { config, layers: [layer] })
    expect((await pull(digest, 'production/chart')).status).toBe(200)
    expect((await pull(layer.digest, 'production/chart', 'blobs')).status).toBe(200)
  })
})

describe('a new vulnerability database', () => {
  it('acts on the next pull, in every process, and never half', async () => {
    await using twin = await registry().twin()
    const digest = await pushLayers(registry(), 'production/flip', 'v1', [debian, unique()])
    const auth = await tokenFor(registry(), reader.auth, 'repository:production/flip:pull')
    const statuses = async () =>
      Promise.all(
        [registry().origin, twin.origin].map(
          async (origin) => (await ask(origin, 'GET', `/v2/production/flip/manifests/${digest}`, { auth })).status,
        ),
      )
    try {
      expect(await statuses()).toEqual([403, 403])
      await importDatabase(registry(), databaseOf([['CVE-2026-2', 1]]))
      expect(await statuses()).toEqual([200, 200])
      await importDatabase(registry(), bad)
      expect(await statuses()).toEqual([403, 403])
    } finally {
      await importDatabase(registry(), bad)
    }
  })
})

it("what Harbor's API says of a scan and what the gate says agree", async () => {
  const digest = await pushLayers(registry(), 'production/agree', 'v1', [debian, unique()])
  await scanOf(registry(), digest)
  const report = await harbor(
    'GET',
    `/projects/production/repositories/agree/artifacts/${digest}/additions/vulnerabilities`,
  )
  const [{ vulnerabilities }] = Object.values(JSON.parse(report.text)) as [{ vulnerabilities: { id: string }[] }]
  const verdict = await registry().ask('GET', `/api/breakwater/v1/verdict?repository=production/agree&reference=v1`)
  const { evidence } = JSON.parse(verdict.text) as { evidence: { findings: { id: string }[] } }
  expect(evidence.findings.map(({ id }) => id).sort()).toEqual(vulnerabilities.map(({ id }) => id).sort())
})
