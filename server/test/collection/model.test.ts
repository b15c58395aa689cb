import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { digestToBytes } from '@breakwater/oci'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Collector, createCollector } from '../../src/collection/index.ts'
import { announce, dropLinks, reviewBlobs, reviewLinks, reviewManifests } from '../../src/collection/stages.ts'
import { type Blob, blobOf, configBlob, imageManifest, pushBlob, putManifest } from '../content.ts'
import { past, sharedStage } from './stage.ts'

/** Invariant I6 against a model: whatever is done in whatever order, what a repository holds is there, and at last all garbage goes. */
const stage = sharedStage()

const repositories = ['library/a', 'library/b'] as const
const parts: readonly Blob[] = Array.from({ length: 4 }, () => blobOf())
const configs: readonly Blob[] = [configBlob(), configBlob()]

interface Image {
  readonly manifest: Blob
  readonly blobs: readonly Blob[]
}
const images: readonly Image[] = configs.flatMap((config) =>
  [
    [0, 1],
    [1, 2],
    [2, 3],
  ].map((layers) => {
    const blobs = layers.flatMap((at) => parts[at] ?? [])
    return { manifest: blobOf(imageManifest(config, blobs)), blobs: [config, ...blobs] }
  }),
)

type Step =
  | { readonly kind: 'push' | 'skip-push' | 'delete'; readonly repository: number; readonly image: number }
  | { readonly kind: 'mount'; readonly repository: number; readonly image: number }
  | { readonly kind: 'stage'; readonly stage: number }
  | { readonly kind: 'collect' }

const at = { repository: fc.nat(1), image: fc.nat(images.length - 1) }
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('push' as const, 'skip-push' as const, 'delete' as const), ...at }),
  fc.record({ kind: fc.constant('mount' as const), ...at }),
  fc.record({ kind: fc.constant('stage' as const), stage: fc.nat(4) }),
  fc.record({ kind: fc.constant('collect' as const) }),
)

/** What each repository holds, by digest of the manifest. */
type Model = readonly [Map<string, Image>, Map<string, Image>]

it('a sequence of pushes, deletions, mounts and collections loses nothing, and leaves nothing', {
  timeout: 120_000,
}, async () => {
  const collector = stage().collector()
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const model: Model = [new Map(), new Map()]
      for (const one of steps) {
        await perform(one, model, collector)
        await expectWhole(model)
      }
      for (const [index, held] of model.entries())
        for (const { manifest } of held.values()) await remove(index, manifest)
      await expectNothing(collector)
    }),
    { numRuns: 25 },
  )
})

async function perform(one: Step, model: Model, collector: Collector): Promise<void> {
  if (one.kind === 'collect') await collector.collect(AbortSignal.timeout(30_000))
  else if (one.kind === 'stage') await runStage(one.stage)
  else {
    const { manifest, blobs } = images[one.image] as Image
    const name = nameOf(one.repository)
    if (one.kind === 'delete') {
      await remove(one.repository, manifest)
      model[one.repository]?.delete(manifest.digest)
      return
    }
    for (const blob of blobs) await bring(one.kind, name, nameOf(1 - one.repository), blob)
    const answer = await putManifest(stage().registry, name, manifest.digest, manifest.bytes)
    expect(answer.status).toBe(201)
    model[one.repository]?.set(manifest.digest, { manifest, blobs })
  }
}

/** As clients do: one always uploads, another asks first, a third tries to mount. */
async function bring(how: 'push' | 'skip-push' | 'mount', name: string, from: string, blob: Blob): Promise<void> {
  const { registry } = stage()
  if (how === 'skip-push') {
    if ((await registry.ask('HEAD', `/v2/${name}/blobs/${blob.digest}`)).status === 200) return
  }
  if (how === 'mount') {
    const path = `/v2/${name}/blobs/uploads/?mount=${blob.digest}&from=${from}`
    if ((await registry.ask('POST', path)).status === 201) return
  }
  await pushBlob(registry, name, blob)
}

async function remove(index: number, { digest }: Blob): Promise<void> {
  await stage().registry.ask('DELETE', `/v2/${nameOf(index)}/manifests/${digest}`)
}

/** One stage by itself: what comes between two stages is what else may happen. Deletions that it announces are a dead collector's. */
async function runStage(number: number): Promise<void> {
  const { pool } = stage()
  const stages = [
    () => reviewLinks(pool, past, 100),
    () => reviewManifests(pool, past, 100),
    () => dropLinks(pool, past, 100),
    () => reviewBlobs(pool, 100),
    () => announce(pool, past, 100).then(passLease),
  ]
  await stages[number]?.()
}

async function passLease(): Promise<void> {
  await stage().registry.query(`update blob set deleting_at = deleting_at - interval '1 hour' where state = 'deleting'`)
}

async function expectWhole(model: Model): Promise<void> {
  const needed = new Map<string, Blob>()
  for (const held of model) {
    for (const { manifest, blobs } of held.values())
      for (const blob of [manifest, ...blobs]) needed.set(blob.digest, blob)
  }
  const { store, stateOf } = stage()
  for (const blob of needed.values()) {
    const chunks: Buffer[] = []
    await store.read(blob.digest, 0, blob.bytes.length - 1, async (chunk) => void chunks.push(Buffer.from(chunk)))
    expect(Buffer.concat(chunks).equals(blob.bytes)).toBe(true)
    expect(await stateOf(blob.digest)).not.toBe('deleting')
  }
  for (const [index, held] of model.entries()) {
    for (const { blobs } of held.values()) {
      for (const blob of blobs) expect(await stage().linked(nameOf(index), blob.digest)).toBe(true)
    }
  }
}

async function expectNothing(collector: Collector): Promise<void> {
  const { registry } = stage()
  await passLease()
  await collector.collect(AbortSignal.timeout(30_000))
  const digests = [...parts, ...configs, ...images.map(({ manifest }) => manifest)].map(({ digest }) =>
    digestToBytes(digest),
  )
  expect(await registry.query('select digest from blob where digest = any($1)', [digests])).toEqual([])
  expect(await registry.query('select digest from manifest')).toEqual([])
  expect(await registry.query('select id from review')).toEqual([])
  const folder = join(registry.dataDir, 'store', 'blobs')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.map(({ name }) => name)).toEqual([])
}

const nameOf = (index: number): string => repositories[index] ?? repositories[0]

it('a collector whose windows have not passed changes nothing', async () => {
  const { registry, pool, store } = stage()
  const blob = blobOf()
  await pushBlob(registry, 'library/a', blob)
  const windows = { undo: 60_000, grace: 60_000 }
  const patient = createCollector({ pool, store, windows, rate: 1_000, log: { warn: () => undefined } })
  expect(await patient.collect(AbortSignal.timeout(30_000))).toMatchObject({ links: 0, blobs: 0 })
  expect(await stage().linked('library/a', blob.digest)).toBe(true)
})
