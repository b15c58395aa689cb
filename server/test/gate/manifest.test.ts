import { mediaType } from '@breakwater/oci'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { addMember, createUser, type TestUser, tokenFor } from '../accounts.ts'
import { errorOf } from '../client.ts'
import { indexManifest, mustPutManifest } from '../content.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { critical, gatedProject, high, low, pushScanned, refusedFor, told, writeDatabase, writeScan } from './stage.ts'

/** gate.md G2: manifests. */
const registry = sharedRegistry()
let reader: TestUser
let pullToken: string

beforeAll(async () => {
  await writeDatabase(registry())
  await gatedProject(registry(), 'production')
  reader = await createUser(registry(), 'reader')
  await addMember(registry(), 'production', reader, 'guest')
  pullToken = await tokenFor(registry(), reader.auth, 'repository:production/app:pull')
})

const get = (reference: string, auth = pullToken, headers: Record<string, string> = {}) =>
  registry().ask('GET', `/v2/production/app/manifests/${reference}`, { auth, headers })
const head = (reference: string, auth = pullToken) =>
  registry().ask('HEAD', `/v2/production/app/manifests/${reference}`, { auth })

it('is served when nothing speaks against it', async () => {
  const image = await pushScanned(registry(), 'production/app', 'good', [low])
  expect((await get('good')).bytes).toEqual(image.bytes)
  expect((await head('good')).status).toBe(200)
  expect((await get(image.digest)).status).toBe(200)
})

describe('refused', () => {
  let digest: string
  beforeAll(async () => {
    digest = (await pushScanned(registry(), 'production/app', 'bad', [critical, low])).digest
    await registry().ask('PUT', '/v2/production/app/manifests/other', {
      body: (await registry().ask('GET', `/v2/production/app/manifests/${digest}`, { auth: admin })).bytes,
      headers: { 'content-type': mediaType.ociManifest },
    })
  })

  test('with the sentence of the guide', async () => {
    expect(told(await get('bad'))).toEqual(refusedFor('with 1 critical vulnerability'))
  })

  test("with Harbor's code, every reason and what to do in the detail", async () => {
    expect(errorOf(await get('bad')).detail).toEqual({
      code: 'PROJECTPOLICYVIOLATION',
      digest,
      reasons: [
        {
          code: 'vulnerable',
          origin: 'project',
          remedy: expect.stringContaining('fixed versions'),
          counts: { critical: 1 },
        },
      ],
    })
  })

  test('on HEAD too, which is all that an engine with the image cached sends', async () => {
    const answer = await head('bad')
    expect([answer.status, answer.headers['docker-content-digest'], answer.headers.etag]).toEqual([
      403,
      undefined,
      undefined,
    ])
  })

  test('by digest, and by whatever tag', async () => {
    expect((await get(digest)).status).toBe(403)
    expect((await head(digest)).status).toBe(403)
  })

  test('with If-None-Match: no 304 tells that it is there', async () => {
    expect((await get('bad', pullToken, { 'if-none-match': `"${digest}"` })).status).toBe(403)
  })

  test.each(['cosign/v2.6.0', 'notation/1.3', 'policy-controller', 'containerd/2.1'])(
    'to %s as well',
    async (agent) => {
      const token = await tokenFor(registry(), admin, 'repository:production/app:pull,push')
      expect((await get('bad', token, { 'user-agent': agent })).status).toBe(403)
    },
  )

  test('for administrators and pushers alike', async () => {
    expect((await get('bad', admin)).status).toBe(403)
    const pusher = await createUser(registry(), 'pusher')
    await addMember(registry(), 'production', pusher, 'developer')
    expect((await get('bad', pusher.auth)).status).toBe(403)
    const pushToken = await tokenFor(registry(), pusher.auth, 'repository:production/app:pull,push')
    expect((await get('bad', pushToken)).status).toBe(403)
  })

  test('in the ledger at once, repeats counted', async () => {
    const rows = () =>
      registry().query<{ count: number; reason: string }>(
        `select sum(count)::int as count, reason from refusal where action = 'pull' and actor = 'user:reader' and object = $1
         group by reason`,
        [`production/app@${digest}`],
      )
    const before = (await rows())[0]?.count ?? 0
    await get('bad')
    await head('bad')
    expect(await rows()).toEqual([{ count: before + 2, reason: 'vulnerable' }])
  })

  test('and is no pull', async () => {
    expect(await registry().query("select from pull where digest = decode($1, 'hex')", [digest.slice(7)])).toEqual([])
  })
})

describe('HEAD by whoever asked for push and holds it', () => {
  it('is 200, or nobody could push the fix over the tag; GET is not', async () => {
    await pushScanned(registry(), 'production/app', 'tofix', [high])
    const dev = await createUser(registry(), 'dev')
    await addMember(registry(), 'production', dev, 'developer')
    const asked = await tokenFor(registry(), dev.auth, 'repository:production/app:pull,push')
    const notAsked = await tokenFor(registry(), dev.auth, 'repository:production/app:pull')
    expect((await head('tofix', asked)).status).toBe(200)
    expect((await head('tofix', dev.auth)).status).toBe(200)
    expect((await head('tofix', notAsked)).status).toBe(403)
    expect((await get('tofix', asked)).status).toBe(403)
    // Who only asks does not hold.
    const greedy = await tokenFor(registry(), reader.auth, 'repository:production/app:pull,push')
    expect((await head('tofix', greedy)).status).toBe(403)
  })

  it('of another repository does not count', async () => {
    await pushScanned(registry(), 'production/app', 'tofix2', [high])
    const elsewhere = await tokenFor(
      registry(),
      admin,
      'repository:production/app:pull',
      'repository:production/other:pull,push',
    )
    expect((await head('tofix2', elsewhere)).status).toBe(403)
  })
})

it('a tag that moves between HEAD and GET is judged at each', async () => {
  const bad = await pushScanned(registry(), 'production/app', 'bad-one', [high])
  await pushScanned(registry(), 'production/app', 'moving', [])
  expect((await head('moving')).status).toBe(200)
  await mustPutManifest(registry(), 'production/app', 'moving', bad.bytes)
  expect((await get('moving')).status).toBe(403)
})

it('an index is served, and its children are judged (G6)', async () => {
  const good = await pushScanned(registry(), 'production/app', 'arm', [])
  const bad = await pushScanned(registry(), 'production/app', 'amd', [critical])
  await mustPutManifest(registry(), 'production/app', 'multi', indexManifest([good, bad]), mediaType.ociIndex)
  expect((await get('multi')).status).toBe(200)
  expect((await get(good.digest)).status).toBe(200)
  expect(told(await get(bad.digest))).toEqual(refusedFor('with 1 critical vulnerability'))
})

it('a list of tags and of referrers is no pull', async () => {
  const bad = await pushScanned(registry(), 'production/app', 'listed', [critical])
  expect((await registry().ask('GET', '/v2/production/app/tags/list', { auth: pullToken })).status).toBe(200)
  const referrers = await registry().ask('GET', `/v2/production/app/referrers/${bad.digest}`, { auth: pullToken })
  expect(referrers.status).toBe(200)
})

describe('without a scan that has succeeded', () => {
  test.each([
    ['error', 403, 'with "Error" status of vulnerability scanning'],
    ['stopped', 403, 'with "Stopped" status of vulnerability scanning'],
  ])('%s', async (state, status, sentence) => {
    const image = await pushScanned(registry(), 'production/app', `scan-${state}`)
    await writeScan(registry(), image.digest, [], { state })
    expect(told(await get(`scan-${state}`))).toMatchObject({ status, message: expect.stringContaining(sentence) })
  })

  it('nobody asked for: refused as not scanned', async () => {
    const image = await pushScanned(registry(), 'production/app', 'unscanned')
    await registry().query(`delete from scan where digest = decode($1, 'hex')`, [image.digest.slice(7)])
    expect(told(await get('unscanned'))).toMatchObject({
      status: 403,
      message: expect.stringContaining('current image without vulnerability scanning cannot be pulled'),
    })
  })

  it('under way longer than the policy waits: 503, with when to come again', async () => {
    const image = await pushScanned(registry(), 'production/app', 'slow')
    await registry().ask('PUT', '/api/breakwater/v1/projects/production/policy', { body: '{"holdSeconds":0}' })
    await registry().query(
      `update scan set state = 'running', revision = revision + 1 where digest = decode($1, 'hex')`,
      [image.digest.slice(7)],
    )
    const answer = await get('slow')
    expect([answer.status, Number(answer.headers['retry-after']) > 0]).toEqual([503, true])
    expect((await head('slow')).status).toBe(503)
    await registry().query(
      `update scan set state = 'success', revision = revision + 1 where digest = decode($1, 'hex')`,
      [image.digest.slice(7)],
    )
    expect((await get('slow')).status).toBe(200)
  })

  it('under way: a pull waits for it', async () => {
    await registry().ask('PUT', '/api/breakwater/v1/projects/production/policy', { body: '{"holdSeconds":10}' })
    const image = await pushScanned(registry(), 'production/app', 'held')
    const set = (state: string) =>
      registry().query(`update scan set state = $2, revision = revision + 1 where digest = decode($1, 'hex')`, [
        image.digest.slice(7),
        state,
      ])
    await set('running')
    const waiting = get('held')
    await set('success')
    expect((await waiting).status).toBe(200)
  })
})

it('what is not gated asks nobody', async () => {
  await pushScanned(registry(), 'library/open', 'bad', [critical])
  expect((await registry().ask('GET', '/v2/library/open/manifests/bad')).status).toBe(200)
  expect(
    await registry().query(`select from verdict v join repository_manifest a using (artifact_id)
        join repository r on r.id = a.repository_id where r.name = 'open'`),
  ).toEqual([])
})
