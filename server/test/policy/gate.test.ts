import { setTimeout as wait } from 'node:timers/promises'
import { digestToBytes } from '@breakwater/oci'
import { describe, expect, it } from 'vitest'
import type { GatedPlace } from '../../src/policy/index.ts'
import { actor, gated, high, sharedStage } from './stage.ts'

const stage = sharedStage()

const pull = async (place: GatedPlace, digest: Parameters<ReturnType<typeof stage>['gate']['requireManifest']>[1]) =>
  stage().gate.requireManifest(place, digest, actor, undefined)
const denied = (code: string) => ({ code: 'DENIED', detail: { reasons: [{ code }] } })

describe('a manifest', () => {
  it('goes on when nothing speaks against it, and the verdict is kept', async () => {
    const place = await stage().repository(gated)
    const { digest } = await stage().artifact(place)
    await stage().scanned(digest)
    expect(await pull(place, digest)).toMatchObject({ allow: true, reasons: [] })
    const { rows } = await stage().pool.query(
      'select allow, policy_revision, evidence_revision, not_after > now() as holds from verdict where digest = $1',
      [digestToBytes(digest)],
    )
    expect(rows).toEqual([{ allow: true, policy_revision: 2, evidence_revision: 1, holds: true }])
  })

  it('is refused with a sentence, and that is in the ledger', async () => {
    const place = await stage().repository(gated)
    const { digest } = await stage().artifact(place)
    await stage().scanned(digest, [high])
    await expect(pull(place, digest)).rejects.toMatchObject({
      ...denied('vulnerable'),
      message: expect.stringMatching(/^current image with 1 high vulnerability cannot be pulled due to/),
    })
    await expect(pull(place, digest)).rejects.toMatchObject({ status: 403 })
    expect(await stage().refusals()).toContainEqual({
      object: `${place.repository}@${digest}`,
      reason: 'vulnerable',
      count: 2,
    })
  })

  it('waits for its scan, and is told to come again when that takes too long', async () => {
    const place = await stage().repository(gated)
    const { digest } = await stage().artifact(place)
    await stage().scanned(digest, [], { state: 'running' })
    const waiting = pull(place, digest)
    await wait(50)
    await stage().scanned(digest)
    expect(await waiting).toMatchObject({ allow: true })

    await stage().pool.query(`insert into policy (project_id, document) values ($1, '{"holdSeconds": 0}')`, [
      place.projectId,
    ])
    await stage().scanned(digest, [], { state: 'pending' })
    await expect(pull(place, digest)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      headers: { 'Retry-After': expect.any(String) },
      message: expect.stringContaining('"Pending" status of vulnerability scanning'),
    })
  })

  it('is not waited for where its scan ends without success', async () => {
    const place = await stage().repository(gated)
    const { digest } = await stage().artifact(place)
    await stage().scanned(digest, [], { state: 'running' })
    const waiting = pull(place, digest)
    await wait(50)
    await stage().scanned(digest, [], { state: 'error' })
    await expect(waiting).rejects.toMatchObject(denied('scan-failed'))
  })
})

describe('what a verdict rests on', () => {
  it('is compared at each pull: policy, scan and database', async () => {
    const place = await stage().repository(gated)
    const { digest } = await stage().artifact(place)
    const holds = async () => {
      const { rows } = await stage().pool.query<{ n: number }>(
        `select count(*) as n from verdict v join repository_manifest a using (artifact_id)
         join repository r on r.id = a.repository_id join project p on p.id = r.project_id
         where v.digest = $1 and v.policy_revision = p.policy_revision
           and v.evidence_revision = (select revision from scan where digest = $1)
           and v.generation = (select id from vulndb_generation where state = 'current')`,
        [digestToBytes(digest)],
      )
      return rows[0]?.n
    }
    await stage().scanned(digest)
    await pull(place, digest)
    expect(await holds()).toBe(1)
    const changes = [
      () => stage().set(place, { severity: 'critical' }),
      () => stage().scanned(digest),
      () => stage().flip(),
    ]
    for (const change of changes) {
      await change()
      expect(await holds()).toBe(0)
      await pull(place, digest)
      expect(await holds()).toBe(1)
    }
  })

  it('is judged anew when the policy changes while it is judged', async () => {
    const place = await stage().repository(gated)
    const { digest } = await stage().artifact(place)
    await stage().scanned(digest)
    const pulls = Array.from({ length: 20 }, () =>
      pull(place, digest).then(
        () => 'ok',
        () => 'refused',
      ),
    )
    await stage().scanned(digest, [high])
    // Whoever asks from here on is refused, whatever those before got.
    await expect(pull(place, digest)).rejects.toMatchObject(denied('vulnerable'))
    await Promise.all(pulls)
  })
})

describe('a blob', () => {
  it('goes out for the sake of an allowed manifest of the same repository', async () => {
    const place = await stage().repository(gated)
    const other = await stage().repository(gated)
    const good = await stage().artifact(place)
    const bad = await stage().artifact(place)
    await stage().scanned(good.digest)
    await stage().scanned(bad.digest, [high])
    const [blob, refused] = [good.blobs[0] ?? good.digest, bad.blobs[0] ?? bad.digest]
    await stage().gate.requireBlob(place, blob, actor)
    await expect(stage().gate.requireBlob(place, refused, actor)).rejects.toMatchObject(denied('vulnerable'))
    await expect(stage().gate.requireBlob(other, blob, actor)).rejects.toMatchObject({
      code: 'DENIED',
      message: expect.stringContaining('belongs to no image'),
    })
    expect(await stage().gate.allowsBlob(place, blob)).toBe(true)
    expect(await stage().gate.allowsBlob(place, refused)).toBe(false)
  })

  it('of several images goes out if one of them may, though many may not', async () => {
    const place = await stage().repository(gated)
    const shared = Buffer.from(`shared ${Math.random()}`)
    const images = []
    for (let i = 0; i < 70; i += 1) images.push(await stage().artifact(place, [shared]))
    for (const [i, { digest }] of images.entries()) await stage().scanned(digest, i === 0 ? [] : [high])
    const blob = images[0]?.blobs[0]
    if (!blob) throw new Error('no blob')
    await stage().gate.requireBlob(place, blob, actor)
  })

  it('does not go out if it is a manifest', async () => {
    const place = await stage().repository(gated)
    const manifest = Buffer.from(`${' '.repeat(100)}{"schemaVersion":2,"Layers":[],"n":${Math.random()}}`)
    const { digest, blobs } = await stage().artifact(place, [manifest])
    await stage().scanned(digest, [], { class: 'data' })
    const blob = blobs[0] ?? digest
    expect(await pull(place, digest)).toMatchObject({ allow: true })
    await expect(stage().gate.requireBlob(place, blob, actor)).rejects.toMatchObject({ code: 'DENIED' })
  })
})

it('the database away: nothing is let through', async () => {
  const place = await stage().repository(gated)
  const { digest, blobs } = await stage().artifact(place)
  await stage().scanned(digest)
  await stage().pool.query('alter table verdict rename to verdict_away')
  try {
    await expect(pull(place, digest)).rejects.toThrow()
    await expect(stage().gate.requireBlob(place, blobs[0] ?? digest, actor)).rejects.toThrow()
  } finally {
    await stage().pool.query('alter table verdict_away rename to verdict')
  }
})
