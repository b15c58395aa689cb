import { mediaType } from '@breakwater/oci'
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

/** gate.md G1: what two parsers could read differently is not taken. */
const registry = sharedRegistry()
const config = configBlob()
const [clean, evil] = [blobOf('clean'), blobOf('evil')]
let child: Blob

beforeAll(async () => {
  for (const blob of [config, clean, evil]) await pushBlob(registry(), 'library/app', blob)
  child = await pushImage(registry(), 'library/app')
})

const layers = (key: string, blob: Blob) =>
  `${JSON.stringify(key)}:${JSON.stringify([descriptor(mediaType.ociLayerGzip, blob)])}`
const start = `{"schemaVersion":2,"mediaType":"${mediaType.ociManifest}"`
const withConfig = `${start},"config":${JSON.stringify(descriptor(mediaType.ociConfig, config))}`
const K = '\u212a' // folds to k
const S = '\u017f' // folds to s

describe('a manifest with', () => {
  it.each([
    ['duplicate layers', `${withConfig},${layers('layers', clean)},${layers('layers', evil)}}`],
    ['layers in two cases', `${withConfig},${layers('layers', clean)},${layers('Layers', evil)}}`],
    ['layers in upper case only', `${withConfig},${layers('LAYERS', evil)}}`],
    ['a long s in layers', `${withConfig},${layers('layers', clean)},${layers(`layer${S}`, evil)}}`],
    ['layers escaped', `${withConfig},${layers('layers', clean)},"\\u006cayers":[]}`],
    ['a duplicate config', `${withConfig},"config":{},${layers('layers', clean)}}`],
    [
      'a duplicate in a layer',
      `${withConfig},"layers":[{"mediaType":"a/b","digest":"${clean.digest}","size":5,"Size":6}]}`,
    ],
    ['a duplicate annotation', `${withConfig},${layers('layers', clean)},"annotations":{"a":"1","a":"2"}}`],
    ['both layers and manifests', `${withConfig},${layers('layers', clean)},"manifests":[]}`],
    ['a folded MediaType', `${withConfig},${layers('layers', clean)},"MediaType":"x/y"}`],
    ['fsLayers', `${withConfig},${layers('layers', clean)},"fsLayers":[]}`],
    ['something after its end', `${withConfig},${layers('layers', clean)}}{}`],
    ['a byte order mark', `\ufeff${withConfig},${layers('layers', clean)}}`],
    ['deep nesting', `${withConfig},${layers('layers', clean)},"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('%s is refused', async (_, text) => {
    const answer = await putManifest(registry(), 'library/app', 'evil', text)
    expect(answer.status).toBe(400)
    expect(errorOf(answer).code).toBe('MANIFEST_INVALID')
  })

  it('keys that name no prototype is taken', async () => {
    const text = `${withConfig},${layers('layers', clean)},"__proto__":{"layers":[]},"constructor":1}`
    expect((await putManifest(registry(), 'library/app', 'proto', text)).status).toBe(201)
    expect((await registry().ask('GET', '/v2/library/app/manifests/proto')).text).toBe(text)
  })
})

describe('an index with', () => {
  const manifests = (key: string) => `"${key}":${JSON.stringify([descriptor(mediaType.ociManifest, child)])}`
  const index = `{"schemaVersion":2,"mediaType":"${mediaType.ociIndex}"`
  it.each([
    ['duplicate manifests', () => `${index},${manifests('manifests')},"manifests":[]}`],
    ['folded manifests', () => `${index},${manifests('manifests')},"ManifestS":[]}`],
    ['layers beside', () => `${index},${manifests('manifests')},"layers":[]}`],
    ['a config beside', () => `${index},${manifests('manifests')},"config":{}}`],
    [
      'a folded platform',
      () =>
        indexManifest([], {
          manifests: [{ ...descriptor(mediaType.ociManifest, child), platform: { os: 'a', OS: 'b' } }],
        }),
    ],
  ])('%s is refused', async (_, text) => {
    const answer = await putManifest(registry(), 'library/app', 'evil', text(), mediaType.ociIndex)
    expect(answer.status).toBe(400)
    expect(errorOf(answer).code).toBe('MANIFEST_INVALID')
  })
})

describe('a config with', () => {
  const diff = `sha256:${'1'.repeat(64)}`
  it.each([
    [
      'duplicate rootfs',
      `{"rootfs":{"type":"layers","diff_ids":[]},"rootfs":{"type":"layers","diff_ids":["${diff}"]}}`,
    ],
    ['folded rootfs', `{"rootfs":{"type":"layers","diff_ids":[]},"RootFS":{"type":"layers","diff_ids":["${diff}"]}}`],
    ['folded diff_ids', `{"rootfs":{"type":"layers","diff_ids":[],"Diff_IDs":["${diff}"]}}`],
    ['duplicate Cmd', '{"config":{"Cmd":["a"],"Cmd":["b"]}}'],
    ['folded Cmd', '{"config":{"Cmd":["a"],"cmd":["b"]}}'],
    ['a Kelvin sign', `{"config":{"WorkingDir":"/","Wor${K}ingDir":"/evil"}}`],
    ['another type of rootfs', '{"rootfs":{"type":"other","diff_ids":[]}}'],
  ])('%s is refused', async (_, text) => {
    const blob = blobOf(text)
    await pushBlob(registry(), 'library/app', blob)
    for (const type of [mediaType.ociConfig, mediaType.dockerConfig]) {
      const manifest = imageManifest(blob, [clean], { config: descriptor(type, blob) })
      const answer = await putManifest(registry(), 'library/app', 'evil', manifest)
      expect(answer.status).toBe(400)
      expect(errorOf(answer).code).toBe('MANIFEST_INVALID')
    }
  })
})

it.each([
  [mediaType.ociIndex, () => imageManifest(config, [clean])],
  [mediaType.dockerManifest, () => imageManifest(config, [clean])],
  [mediaType.ociManifest, () => indexManifest([child])],
  [mediaType.ociManifest, () => imageManifest(config, [clean], { mediaType: mediaType.dockerManifest })],
])('a Content-Type of %s must be that of the document', async (type, text) => {
  const answer = await putManifest(registry(), 'library/app', 'evil', text(), type)
  expect(answer.status).toBe(400)
  expect(errorOf(answer).code).toBe('MANIFEST_INVALID')
})
