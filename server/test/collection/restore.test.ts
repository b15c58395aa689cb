import { type Digest, digestOf, digestToBytes, mediaType } from '@breakwater/oci'
import { expect, it } from 'vitest'
import { restoreArtifact } from '../../src/artifacts/index.ts'
import { removeDoomedLinks } from '../../src/blobs/index.ts'
import { dropLinks, reviewLinks } from '../../src/collection/stages.ts'
import { system } from '../../src/ledger/index.ts'
import { transaction } from '../../src/metadata/index.ts'
import { addMember, createProject, createUser } from '../accounts.ts'
import type { Ask } from '../client.ts'
import { blobOf, type Image, indexManifest, mustPutManifest, pushImage } from '../content.ts'
import { past, sharedStage } from './stage.ts'

const stage = sharedStage()

interface Deleted {
  readonly repository: string
  readonly digest: Digest
  readonly tags: readonly string[]
  readonly deleted_at: string
  readonly deleted_by: string
  readonly restorable_until: string
}

interface Restored {
  readonly restored: readonly Digest[]
  readonly tags: readonly string[]
  readonly tags_taken: readonly { name: string; digest: Digest }[]
  readonly accessories_lost: readonly Digest[]
}

const remove = async (repository: string, digest: Digest) => {
  expect((await stage().registry.ask('DELETE', `/v2/${repository}/manifests/${digest}`)).status).toBe(202)
}

const list = async (query: string, asked?: Ask) => {
  const answer = await stage().registry.ask('GET', `/api/breakwater/v1/deleted-artifacts?${query}`, asked)
  return { status: answer.status, deleted: JSON.parse(answer.text) as Deleted[] }
}

const restore = (repository: string, digest: Digest, asked?: Ask) =>
  stage().registry.ask('POST', '/api/breakwater/v1/deleted-artifacts/restore', {
    body: JSON.stringify({ repository, digest }),
    ...asked,
  })

async function mustRestore(repository: string, digest: Digest): Promise<Restored> {
  const answer = await restore(repository, digest)
  expect([answer.status, answer.text]).toEqual([200, expect.anything()])
  return JSON.parse(answer.text) as Restored
}

/** Pulls an image under a tag or digest, and hashes all of it. */
async function expectWhole(repository: string, reference: string, image: Image): Promise<void> {
  const { registry } = stage()
  const manifest = await registry.ask('GET', `/v2/${repository}/manifests/${reference}`)
  expect([manifest.status, digestOf(manifest.bytes)]).toEqual([200, image.digest])
  for (const { digest } of [image.config, ...image.layers]) {
    const blob = await registry.ask('GET', `/v2/${repository}/blobs/${digest}`)
    expect([blob.status, digestOf(blob.bytes)]).toEqual([200, digest])
  }
}

const codeOf = ({ text }: { text: string }) =>
  (JSON.parse(text) as { errors: { code: string; message: string }[] }).errors[0]

/** Artifacts and bytes that the project is said to have. */
async function counted(project: string) {
  const [row] = await stage().registry.query<{ present: string; plain: string; bytes: string }>(
    `select (select sum(present) from counted_artifacts c join repository r on r.id = c.repository_id where r.project_id = p.id) as present,
       (select sum(plain) from counted_artifacts c join repository r on r.id = c.repository_id where r.project_id = p.id) as plain,
       (select sum(bytes) from counted_usage u where u.project_id = p.id) as bytes
     from project p where name = $1`,
    [project],
  )
  return row
}

it('lists what was deleted and brings it back, with tags, counts and a record', async () => {
  const { registry } = stage()
  await createProject(registry, 'undo')
  const image = await pushImage(registry, 'undo/team/app', '1')
  await mustPutManifest(registry, 'undo/team/app', 'latest', image.bytes)
  const before = await counted('undo')
  await remove('undo/team/app', image.digest)
  expect(await counted('undo')).not.toEqual(before)

  const { deleted } = await list('project=undo')
  expect(deleted).toMatchObject([{ repository: 'undo/team/app', digest: image.digest, deleted_by: 'user:admin' }])
  expect([...(deleted[0]?.tags ?? [])].sort()).toEqual(['1', 'latest'])
  const lasts = Date.parse(deleted[0]?.restorable_until ?? '') - Date.parse(deleted[0]?.deleted_at ?? '')
  expect(lasts).toBe(86_400_000)
  expect((await list('repository=undo/team/app')).deleted).toEqual(deleted)
  expect((await list('repository=undo/other')).deleted).toEqual([])

  const answer = await mustRestore('undo/team/app', image.digest)
  expect(answer).toMatchObject({
    restored: [image.digest],
    tags: ['1', 'latest'],
    tags_taken: [],
    accessories_lost: [],
  })
  await expectWhole('undo/team/app', '1', image)
  await expectWhole('undo/team/app', 'latest', image)
  expect(await counted('undo')).toEqual(before)
  expect((await list('project=undo')).deleted).toEqual([])
  expect(codeOf(await restore('undo/team/app', image.digest))?.code).toBe('CONFLICT')
  const records = await registry.query<{ actor: string; detail: object }>(
    `select actor, detail from ledger where action = 'artifact.restore' and object = $1`,
    [`undo/team/app@${image.digest}`],
  )
  expect(records).toMatchObject([{ actor: 'user:admin', detail: { tags: ['1', 'latest'] } }])
})

it('revives what a collector has doomed, and a later collection leaves it', async () => {
  const { registry, pool, collect, linked } = stage()
  const image = await pushImage(registry, 'library/doomed', '1')
  await remove('library/doomed', image.digest)
  expect(await reviewLinks(pool, past, 1_000)).toMatchObject({ done: 2 })
  expect(await linked('library/doomed', image.config.digest)).toBe(false)
  await mustRestore('library/doomed', image.digest)
  await collect()
  await expectWhole('library/doomed', '1', image)
})

it('says what is gone, lists it no more, and changes nothing', async () => {
  const { registry, pool, collect } = stage()
  const [image, held] = [await pushImage(registry, 'library/gone', '1'), await pushImage(registry, 'library/held', '1')]
  await remove('library/gone', image.digest)
  await remove('library/held', held.digest)
  // The links of one are gone, the manifest is there still.
  await reviewLinks(pool, past, 1_000)
  await dropLinks(pool, past, 1_000)
  expect((await list('project=library')).deleted).toEqual([])
  const refused = await restore('library/held', held.digest)
  expect([refused.status, codeOf(refused)?.code]).toEqual([412, 'PRECONDITION'])
  expect(codeOf(refused)?.message).toMatch(/library\/held@sha256:\w+ cannot be restored: blob sha256:\w+ is gone/)
  await collect()
  const again = await restore('library/gone', image.digest)
  expect(codeOf(again)?.message).toMatch(new RegExp(`cannot be restored: manifest ${image.digest} is gone`))
  expect((await registry.ask('GET', `/v2/library/gone/manifests/${image.digest}`)).status).toBe(404)
  const never = blobOf()
  expect(codeOf(await restore('library/gone', never.digest))?.code).toBe('NOT_FOUND')
})

it('leaves a tag that names something else by now', async () => {
  const { registry } = stage()
  const old = await pushImage(registry, 'library/taken', 'stable')
  await mustPutManifest(registry, 'library/taken', '1', old.bytes)
  await remove('library/taken', old.digest)
  const next = await pushImage(registry, 'library/taken', 'stable')
  const answer = await mustRestore('library/taken', old.digest)
  expect(answer).toMatchObject({ tags: ['1'], tags_taken: [{ name: 'stable', digest: next.digest }] })
  await expectWhole('library/taken', 'stable', next)
  await expectWhole('library/taken', '1', old)
})

it('brings back what an index lists and what belongs to it, also of a deleted repository', async () => {
  const { registry, collect } = stage()
  const child = await pushImage(registry, 'library/multi')
  const other = await pushImage(registry, 'library/multi', 'other')
  const index = blobOf(indexManifest([child, other]))
  await mustPutManifest(registry, 'library/multi', 'all', index.bytes, mediaType.ociIndex)
  const subject = { mediaType: mediaType.ociIndex, digest: index.digest, size: index.bytes.length }
  const sbom = await pushImage(registry, 'library/multi', undefined, { subject, artifactType: 'application/spdx+json' })
  const tagged = await pushImage(registry, 'library/multi', `sha256-${child.digest.slice(7)}.sig`, {
    layers: [],
    artifactType: 'x/y',
  })
  const before = await counted('library')
  expect((await registry.ask('DELETE', '/api/v2.0/projects/library/repositories/multi')).status).toBe(200)
  expect((await list('repository=library/multi')).deleted.length).toBe(5)

  const answer = await mustRestore('library/multi', index.digest)
  const all = [index, child, other, sbom, tagged].map(({ digest }) => digest)
  expect(new Set(answer.restored)).toEqual(new Set(all))
  expect([...answer.tags].sort()).toEqual(['all', 'other', `sha256-${child.digest.slice(7)}.sig`].sort())
  expect(await counted('library')).toEqual(before)
  await collect()
  await expectWhole('library/multi', child.digest, child)
  await expectWhole('library/multi', 'other', other)
  const referrers = await registry.ask('GET', `/v2/library/multi/referrers/${index.digest}`)
  expect(
    (JSON.parse(referrers.text) as { manifests: { digest: Digest }[] }).manifests.map(({ digest }) => digest),
  ).toEqual([sbom.digest])
  // The index holds its children again.
  expect((await registry.ask('DELETE', `/v2/library/multi/manifests/${child.digest}`)).status).toBe(412)
})

it('leaves out an accessory whose bytes are gone, and an index needs its children', async () => {
  const { registry } = stage()
  const image = await pushImage(registry, 'library/partly', '1')
  const subject = { mediaType: mediaType.ociManifest, digest: image.digest, size: image.bytes.length }
  const sbom = await pushImage(registry, 'library/partly', undefined, { subject })
  const index = blobOf(indexManifest([image]))
  await mustPutManifest(registry, 'library/partly', 'all', index.bytes, mediaType.ociIndex)
  await remove('library/partly', index.digest)
  await remove('library/partly', image.digest)
  const drop = (digest: Digest) =>
    registry.query('delete from repository_blob where digest = $1', [digestToBytes(digest)])
  await drop(sbom.config.digest)
  expect(await mustRestore('library/partly', index.digest)).toMatchObject({
    tags: ['1', 'all'],
    accessories_lost: [sbom.digest],
  })
  await remove('library/partly', index.digest)
  await remove('library/partly', image.digest)
  await drop(image.config.digest)
  expect(codeOf(await restore('library/partly', index.digest))?.message).toContain(
    `blob ${image.config.digest} is gone`,
  )
})

it('is for those who may delete', async () => {
  const { registry } = stage()
  await createProject(registry, 'guarded', true)
  const [developer, maintainer, stranger] = [
    await createUser(registry),
    await createUser(registry),
    await createUser(registry),
  ]
  await addMember(registry, 'guarded', developer, 'developer')
  await addMember(registry, 'guarded', maintainer, 'maintainer')
  const image = await pushImage(registry, 'guarded/app', '1')
  await remove('guarded/app', image.digest)
  for (const [auth, status] of [
    [undefined, 401],
    [developer.auth, 403],
    [stranger.auth, 403],
  ] as const) {
    expect((await list('project=guarded', { auth })).status).toBe(status)
    expect((await restore('guarded/app', image.digest, { auth })).status).toBe(status)
  }
  expect((await list('project=guarded', { auth: maintainer.auth })).deleted.length).toBe(1)
  expect((await restore('guarded/app', image.digest, { auth: maintainer.auth })).status).toBe(200)
  const refusals = await registry.query(
    `select from refusal where action = 'artifact:delete' and object = 'project guarded'`,
  )
  expect(refusals.length).toBeGreaterThan(0)
})

it('waits for a collector that is taking a link, and is refused then', async () => {
  const { registry, pool } = stage()
  const image = await pushImage(registry, 'library/late', '1')
  await remove('library/late', image.digest)
  await reviewLinks(pool, past, 1_000)
  const { restoring } = await transaction(pool, async (tx) => {
    await removeDoomedLinks(tx, 0, 1_000)
    const asked = restore('library/late', image.digest)
    const waits = () =>
      registry.query(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
    await expect.poll(async () => (await waits()).length).toBe(1)
    return { restoring: asked }
  })
  expect(codeOf(await restoring)?.message).toMatch(/cannot be restored: blob sha256:\w+ is gone/)
  expect((await registry.ask('GET', `/v2/library/late/manifests/${image.digest}`)).status).toBe(404)
})

it('keeps a collector from what it is bringing back', async () => {
  const { registry, pool, collect } = stage()
  const image = await pushImage(registry, 'library/early', '1')
  await remove('library/early', image.digest)
  await reviewLinks(pool, past, 1_000)
  const [row] = await registry.query<{ id: string }>(`select id from repository where name = 'early'`)
  const place = { projectId: 1, repositoryId: Number(row?.id), repository: 'library/early' }
  await transaction(pool, async (tx) => {
    await restoreArtifact(tx, place, image.digest, 60_000, system)
    await collect()
  })
  await registry.query('update review set queued_at = now()')
  await collect()
  await expectWhole('library/early', '1', image)
})

it('restorations and collectors at once leave each image whole or gone', async () => {
  const { registry, collect } = stage()
  const images: Image[] = []
  for (let i = 0; i < 12; i += 1) images.push(await pushImage(registry, 'library/storm', `v${i}`))
  for (const { digest } of images) await remove('library/storm', digest)
  const answers = await Promise.all([
    ...images.map(async (image) => ({ image, status: (await restore('library/storm', image.digest)).status })),
    ...Array.from({ length: 3 }, () => collect().then(() => undefined)),
  ])
  await collect()
  for (const answer of answers) {
    if (!answer) continue
    const { image, status } = answer
    expect([200, 412]).toContain(status)
    if (status === 200) await expectWhole('library/storm', image.digest, image)
    else expect((await registry.ask('GET', `/v2/library/storm/manifests/${image.digest}`)).status).toBe(404)
  }
})
