import type { Digest } from '@breakwater/oci'
import { bundleManifest, cosignTagManifest, fixtureKey, signedBundle, simpleSigning } from '@breakwater/signing/fixture'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { addMember, createUser, type TestUser } from '../accounts.ts'
import { ask, errorOf } from '../client.ts'
import { pushImage } from '../content.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { attach, callApi, pin, pushEvidence, signedProject, subjectOf } from './stage.ts'

/** Keys: who may pin them, and that a change of them acts at once and everywhere. */
const registry = sharedRegistry()
const [key, second, foreign] = [fixtureKey('p256'), fixtureKey('p384'), fixtureKey('p256')]
let reader: TestUser
let made = 0

/** A project of its own for each test, that lets only signed images out. */
async function project(): Promise<string> {
  made += 1
  const name = `trust${made}`
  await signedProject(registry(), name)
  await addMember(registry(), name, reader, 'guest')
  return name
}

beforeAll(async () => {
  reader = await createUser(registry(), 'reader')
})

const get = (repository: string, reference: string, origin = registry().origin) =>
  ask(origin, 'GET', `/v2/${repository}/manifests/${reference}`, { auth: reader.auth })
const layerOf = (digest: Digest, by = key) => simpleSigning({ digest, key: by })
const codeOf = async (repository: string, digest: string) =>
  (errorOf(await get(repository, digest)).detail as { reasons: { code: string }[] }).reasons[0]?.code
const change = (name: string, body: object) => callApi(registry(), 'PUT', `/projects/${name}`, body)

async function signed(name: string, ...keys: (typeof key)[]) {
  const image = await pushImage(registry(), `${name}/app`)
  await attach(
    registry(),
    `${name}/app`,
    cosignTagManifest(
      image.digest,
      keys.map((by) => layerOf(image.digest, by)),
    ),
  )
  return image
}

describe('a change acts at the next request, on two processes', () => {
  test('removing a key', async () => {
    const name = await project()
    await pin(registry(), name, 'release', key)
    await pin(registry(), name, 'spare', second)
    const { digest } = await signed(name, key)
    await using twin = await registry().twin()
    for (const origin of [registry().origin, twin.origin])
      expect((await get(`${name}/app`, digest, origin)).status).toBe(200)
    const removed = await callApi(registry(), 'DELETE', `/projects/${name}/trust/release`)
    expect(removed.status).toBe(204)
    for (const origin of [twin.origin, registry().origin])
      expect((await get(`${name}/app`, digest, origin)).status).toBe(403)
    expect(await codeOf(`${name}/app`, digest)).toBe('wrong-signer')
  })

  test('the last key does not leave the door open behind it', async () => {
    const name = await project()
    await pin(registry(), name, 'release', key)
    const { digest } = await signed(name, key)
    expect((await get(`${name}/app`, digest)).status).toBe(200)
    await callApi(registry(), 'DELETE', `/projects/${name}/trust/release`)
    expect(await codeOf(`${name}/app`, digest)).toBe('no-trusted-key')
    await change(`${name}/trust`, { require_pinned: false })
    expect((await get(`${name}/app`, digest)).status).toBe(200)
  })

  test('pinning a key whose signatures are there already', async () => {
    const name = await project()
    await pin(registry(), name, 'other', foreign)
    const { digest } = await signed(name, key)
    expect((await get(`${name}/app`, digest)).status).toBe(403)
    await pin(registry(), name, 'release', key)
    expect((await get(`${name}/app`, digest)).status).toBe(200)
  })

  test('a compromised key voids what it signed, whenever', async () => {
    const name = await project()
    await pin(registry(), name, 'release', key)
    const { digest } = await signed(name, key)
    expect((await get(`${name}/app`, digest)).status).toBe(200)
    await pin(registry(), name, 'next', second)
    await change(`${name}/trust/release`, { compromised: true })
    expect(await codeOf(`${name}/app`, digest)).toBe('key-compromised')
  })
})

describe('valid until', () => {
  test('what was first seen later does not count', async () => {
    const name = await project()
    await pin(registry(), name, 'release', key, { valid_until: '2026-01-01T00:00:00Z' })
    const { digest } = await signed(name, key)
    expect(await codeOf(`${name}/app`, digest)).toBe('key-expired')
  })

  test('what was seen before does, in a manifest of later too', async () => {
    const name = await project()
    await pin(registry(), name, 'release', key)
    const { digest } = await signed(name, key)
    await change(`${name}/trust/release`, { valid_until: new Date().toISOString() })
    expect((await get(`${name}/app`, digest)).status).toBe(200)
    const late = await signed(name, key)
    expect(await codeOf(`${name}/app`, late.digest)).toBe('key-expired')
  })

  test('ends the verdict no later', async () => {
    const name = await project()
    const end = new Date(Date.now() + 60_000)
    await pin(registry(), name, 'release', key, { valid_until: end.toISOString() })
    const { digest } = await signed(name, key)
    const why = await callApi(registry(), 'GET', `/verdict?repository=${name}/app&reference=${digest}`)
    expect(JSON.parse(why.text)).toMatchObject({ allowed: true, not_after: end.toISOString() })
  })
})

describe('how many have to sign', () => {
  test.each([
    ['any', 200, 200],
    ['all', 403, 200],
    [2, 403, 200],
    [3, 403, 403],
  ])('%s', async (requirement, one, two) => {
    const name = await project()
    await pin(registry(), name, 'a', key)
    await pin(registry(), name, 'b', second)
    await change(`${name}/trust`, { requirement })
    expect((await get(`${name}/app`, (await signed(name, key)).digest)).status).toBe(one)
    expect((await get(`${name}/app`, (await signed(name, key, key)).digest)).status).toBe(one)
    expect((await get(`${name}/app`, (await signed(name, key, second)).digest)).status).toBe(two)
  })
})

describe('what a key is for', () => {
  test('repositories', async () => {
    const name = await project()
    await pin(registry(), name, 'release', key, { repositories: ['lib/**'] })
    const { digest } = await signed(name, key)
    expect(await codeOf(`${name}/app`, digest)).toBe('no-trusted-key')
    const image = await pushImage(registry(), `${name}/lib/app`)
    await attach(registry(), `${name}/lib/app`, cosignTagManifest(image.digest, [layerOf(image.digest)]))
    expect((await get(`${name}/lib/app`, image.digest)).status).toBe(200)
  })

  test('annotations that have to be signed along', async () => {
    const name = await project()
    await pin(registry(), name, 'release', key, { annotations: { stage: 'production' } })
    const { digest } = await signed(name, key)
    expect(await codeOf(`${name}/app`, digest)).toBe('wrong-signer')
    const layer = simpleSigning({ digest, key, annotations: { stage: 'production' } })
    await attach(registry(), `${name}/app`, cosignTagManifest(digest, [layer]))
    expect((await get(`${name}/app`, digest)).status).toBe(200)
  })
})

describe('the whole registry', () => {
  test('its keys count in every project; what it demands, no project can lower', async () => {
    const name = await project()
    await pin(registry(), name, 'own', foreign)
    const { digest } = await signed(name, key)
    expect((await get(`${name}/app`, digest)).status).toBe(403)
    expect((await callApi(registry(), 'POST', '/trust', { name: 'company', key: key.pem })).status).toBe(201)
    expect((await get(`${name}/app`, digest)).status).toBe(200)
    const own = await signed(name, foreign)
    expect((await get(`${name}/app`, own.digest)).status).toBe(200)
    await callApi(registry(), 'PUT', '/trust', { demanded: true })
    expect(await codeOf(`${name}/app`, own.digest)).toBe('wrong-signer')
    await callApi(registry(), 'PUT', '/trust', { demanded: false })
    expect((await get(`${name}/app`, own.digest)).status).toBe(200)
    expect((await callApi(registry(), 'DELETE', '/trust/company')).status).toBe(204)
  })
})

describe('evidence that no pinned key made (G4)', () => {
  test('is hidden from who may not push, and shown to who may', async () => {
    const name = await project()
    const repository = `${name}/app`
    await pin(registry(), name, 'release', key)
    const { digest, ...image } = await signed(name, foreign)
    const good = bundleManifest(subjectOf({ ...image, digest }), signedBundle({ digest, key }))
    const bad = bundleManifest(subjectOf({ ...image, digest }), signedBundle({ digest, key: foreign }))
    for (const bundle of [good, bad]) await attach(registry(), repository, bundle)
    const tag = `${digest.replace(':', '-')}.sig`
    const seen = async (auth: string) => {
      const list = await registry().ask('GET', `/v2/${repository}/tags/list`, { auth })
      const { tags } = JSON.parse(list.text) as { tags: string[] }
      const index = await registry().ask('GET', `/v2/${repository}/referrers/${digest}`, { auth })
      const { manifests } = JSON.parse(index.text) as { manifests: { digest: string }[] }
      const direct = await registry().ask('GET', `/v2/${repository}/manifests/${tag}`, { auth })
      return [tags, manifests.map((one) => one.digest).includes(bad.digest), manifests.length, direct.status]
    }
    expect(await seen(reader.auth)).toEqual([[], false, 1, 404])
    expect(await seen(admin)).toEqual([[tag], true, 3, 200])
  })

  test('is bounded: 64, then 429; what is verified does not count, nor what is there already', async () => {
    const name = await project()
    await pin(registry(), name, 'release', key)
    const image = await pushImage(registry(), `${name}/app`)
    const { digest } = image
    const layers = Array.from({ length: 63 }, (_, n) =>
      simpleSigning({ digest, key: foreign, annotations: { n: String(n) } }),
    )
    const many = cosignTagManifest(digest, [...layers, layerOf(digest, foreign)])
    expect((await pushEvidence(registry(), `${name}/app`, many)).status).toBe(201)
    expect((await pushEvidence(registry(), `${name}/app`, cosignTagManifest(digest, layers))).status).toBe(201)
    const more = bundleManifest(subjectOf(image), signedBundle({ digest, key: foreign }))
    const refused = await pushEvidence(registry(), `${name}/app`, more)
    expect([refused.status, errorOf(refused)]).toEqual([
      429,
      {
        code: 'TOOMANYREQUESTS',
        message: `${digest} has 64 signatures or attestations already that no trusted key made; delete some, or pin their keys`,
      },
    ])
    const good = bundleManifest(subjectOf(image), signedBundle({ digest, key }))
    expect((await pushEvidence(registry(), `${name}/app`, good)).status).toBe(201)
    expect((await get(`${name}/app`, digest)).status).toBe(200)
  })
})

describe('who may change it', () => {
  it.each([
    ['projectAdmin', 201, 200],
    ['maintainer', 403, 200],
    ['developer', 403, 200],
    ['guest', 403, 403],
  ] as const)('%s', async (role, post, read) => {
    const name = await project()
    const user = await createUser(registry())
    await addMember(registry(), name, user, role)
    const asked = { auth: user.auth }
    const body = { name: 'k', key: key.pem }
    expect((await callApi(registry(), 'POST', `/projects/${name}/trust`, body, asked)).status).toBe(post)
    expect((await callApi(registry(), 'GET', `/projects/${name}/trust`, undefined, asked)).status).toBe(read)
    expect((await callApi(registry(), 'POST', '/trust', body, asked)).status).toBe(403)
    expect((await callApi(registry(), 'DELETE', `/projects/${name}/trust/k`, undefined, asked)).status).toBe(
      post === 201 ? 204 : 403,
    )
  })

  test('all of it is in the ledger', async () => {
    const name = await project()
    await pin(registry(), name, 'release', key)
    await change(`${name}/trust/release`, { compromised: true })
    await callApi(registry(), 'DELETE', `/projects/${name}/trust/release`)
    const rows = await registry().query<{ action: string }>(
      `select action from ledger where object = $1 and action like 'trust.%' order by id`,
      [`project ${name}`],
    )
    expect(rows.map(({ action }) => action)).toEqual(['trust.add', 'trust.compromise', 'trust.remove'])
  })

  test.each([
    [{ name: 'k', key: 'nonsense' }, 400],
    [{ name: 'k k', key: key.pem }, 400],
    [{ name: 'k', key: key.pem, repositories: ['App/x'] }, 400],
    [{ name: 'k', key: key.pem, valid_until: 'tomorrow?' }, 400],
    [{ name: 'release', key: second.pem }, 409],
    [{ name: 'k', key: key.pem }, 409],
  ])('what is no key is refused: %#', async (body, status) => {
    const name = await project()
    await pin(registry(), name, 'release', key)
    expect((await callApi(registry(), 'POST', `/projects/${name}/trust`, body)).status).toBe(status)
  })
})

test('trust test says which signature verifies with which key', async () => {
  const name = await project()
  await pin(registry(), name, 'release', key)
  await pin(registry(), name, 'spare', second)
  const { digest } = await signed(name, key)
  const answer = await callApi(registry(), 'POST', `/projects/${name}/trust/test`, {
    repository: 'app',
    reference: digest,
  })
  expect(JSON.parse(answer.text)).toMatchObject({
    digest,
    keys: [
      { name: 'release', verifies: true },
      { name: 'spare', verifies: false },
    ],
    signatures: [
      {
        kind: 'signature',
        results: [
          { key: 'release', code: 'ok' },
          { key: 'spare', code: expect.stringMatching(/wrong-key|algorithm/) },
        ],
      },
    ],
  })
})
