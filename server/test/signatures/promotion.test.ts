import { mediaType } from '@breakwater/oci'
import {
  attestation,
  bundleManifest,
  cosignTagManifest,
  type FixtureManifest,
  fixtureKey,
  signedBundle,
  simpleSigning,
} from '@breakwater/signing/fixture'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { addMember, createProject, createUser, type TestUser } from '../accounts.ts'
import {
  blobOf,
  configBlob,
  type Image,
  imageManifest,
  indexManifest,
  mustPutManifest,
  pushBlob,
  pushImage,
} from '../content.ts'
import { sharedRegistry } from '../registry.ts'
import { attach, callApi, pin, signedProject, subjectOf } from './stage.ts'

/** gate.md G7: evidence travels with promotion. */
const registry = sharedRegistry()
const key = fixtureKey('p256')
const other = fixtureKey('p256')
let both: TestUser
let stranger: TestUser

beforeAll(async () => {
  await createProject(registry(), 'staging')
  await createProject(registry(), 'open', true)
  await signedProject(registry(), 'production')
  await pin(registry(), 'production', 'release', key)
  both = await createUser(registry(), 'both')
  stranger = await createUser(registry(), 'stranger')
  for (const [project, role] of [
    ['staging', 'developer'],
    ['production', 'developer'],
  ] as const) {
    await addMember(registry(), project, both, role)
  }
  await addMember(registry(), 'production', stranger, 'developer')
})

/** Pushes an image again, elsewhere, as somebody who has its bytes. */
async function copy(
  image: Pick<Image, 'config' | 'layers' | 'bytes' | 'mediaType' | 'digest'>,
  to: string,
  by: TestUser,
) {
  for (const blob of [image.config, ...image.layers]) await pushBlob(registry(), to, blob, { auth: by.auth })
  await putAs(to, image, by)
}

async function putAs(
  to: string,
  { digest, bytes, mediaType: type }: { digest: string; bytes: Buffer; mediaType: string },
  by: TestUser,
) {
  const answer = await registry().ask('PUT', `/v2/${to}/manifests/${digest}`, {
    body: bytes,
    headers: { 'content-type': type },
    auth: by.auth,
  })
  expect(answer.status).toBe(201)
}

const get = (repository: string, reference: string, auth = stranger.auth) =>
  registry().ask('GET', `/v2/${repository}/manifests/${reference}`, { auth })
const sign = ({ digest }: { digest: Image['digest'] }, by = key): FixtureManifest =>
  cosignTagManifest(digest, [simpleSigning({ digest, key: by })])
const referrers = async (repository: string, digest: string) =>
  (
    JSON.parse((await registry().ask('GET', `/v2/${repository}/referrers/${digest}`)).text) as {
      manifests: { digest: string }[]
    }
  ).manifests.map((one) => one.digest)

it('brings signatures along, under the tag where cosign 2 looks and as referrers where cosign 3 does', async () => {
  const image = await pushImage(registry(), 'staging/app', 'v1')
  const byTag = sign(image)
  const bundle = bundleManifest(subjectOf(image), signedBundle({ digest: image.digest, key }))
  await attach(registry(), 'staging/app', byTag)
  await attach(registry(), 'staging/app', bundle)
  await copy(image, 'production/app', both)
  expect((await get('production/app', image.digest)).status).toBe(200)
  expect((await get('production/app', byTag.tag ?? '')).bytes).toEqual(byTag.bytes)
  expect((await referrers('production/app', image.digest)).toSorted()).toEqual([byTag.digest, bundle.digest].toSorted())
  for (const blob of [...byTag.blobs.keys(), ...bundle.blobs.keys()]) {
    expect((await registry().ask('HEAD', `/v2/production/app/blobs/${blob}`)).status).toBe(200)
  }
  const rows = await registry().query<{ actor: string; detail: object }>(
    `select actor, detail from ledger where action = 'evidence.promote' and object = $1 order by detail ->> 'evidence'`,
    [`production/app@${image.digest}`],
  )
  expect(rows).toEqual(
    [
      { evidence: byTag.digest, from: 'staging/app', tag: byTag.tag },
      { evidence: bundle.digest, from: 'staging/app' },
    ]
      .toSorted((a, b) => (a.evidence < b.evidence ? -1 : 1))
      .map((detail) => ({ actor: 'user:both', detail })),
  )
})

test('an index with its signature covers the children that were pushed before', async () => {
  const child = await pushImage(registry(), 'staging/multi')
  const bytes = Buffer.from(indexManifest([child]))
  const index = { digest: blobOf(bytes).digest, bytes, mediaType: mediaType.ociIndex }
  await mustPutManifest(registry(), 'staging/multi', index.digest, bytes, mediaType.ociIndex)
  await attach(registry(), 'staging/multi', sign(index))
  await copy(child, 'production/multi', both)
  expect((await get('production/multi', child.digest, both.auth)).status).toBe(200)
  expect((await registry().ask('GET', `/v2/production/multi/blobs/${child.config.digest}`)).status).toBe(403)
  await putAs('production/multi', index, both)
  expect((await registry().ask('GET', `/v2/production/multi/blobs/${child.config.digest}`)).status).toBe(200)
})

describe('brings nothing', () => {
  const refused = async (source: string, by: TestUser, signer = key) => {
    const image = await pushImage(registry(), source)
    await attach(registry(), source, sign(image, signer))
    await copy(image, 'production/refused', by)
    expect(await referrers('production/refused', image.digest)).toEqual([])
    expect((await registry().ask('GET', `/v2/production/refused/blobs/${image.config.digest}`)).status).toBe(403)
  }
  test('from where the pusher may not read', () => refused('staging/app', stranger))
  test('from a public project in which the pusher has no role', () => refused('open/app', stranger))
  test('that does not hold here', () => refused('staging/app', both, other))
})

describe('attestations and SBOMs', () => {
  const sbom = async (image: Image) => {
    const document = blobOf(JSON.stringify({ spdxVersion: 'SPDX-2.3', name: image.digest }))
    const config = configBlob()
    const text = imageManifest(config, [], {
      config: { mediaType: mediaType.ociEmpty, digest: config.digest, size: config.bytes.length },
      artifactType: 'application/spdx+json',
      layers: [{ mediaType: 'application/spdx+json', digest: document.digest, size: document.bytes.length }],
      subject: subjectOf(image),
    })
    for (const blob of [config, document]) await pushBlob(registry(), 'staging/app', blob)
    const manifest = blobOf(text)
    await mustPutManifest(registry(), 'staging/app', manifest.digest, text)
    return manifest.digest
  }
  const attach2 = async () => {
    const image = await pushImage(registry(), 'staging/app')
    const predicateType = 'https://slsa.dev/provenance/v1'
    const statement = bundleManifest(
      subjectOf(image),
      signedBundle({ digest: image.digest, key: other, predicateType }),
    )
    await attach(registry(), 'staging/app', statement)
    return { image, evidence: [statement.digest, await sbom(image)].toSorted() }
  }
  const names = (project: string, from: string[]) =>
    callApi(registry(), 'PUT', `/projects/${project}/trust`, { evidence_from: from })

  test('come along only over named links', async () => {
    const { image, evidence } = await attach2()
    await copy(image, 'production/app', both)
    expect(await referrers('production/app', image.digest)).toEqual([])
    expect((await names('production', ['staging'])).status).toBe(200)
    await copy(image, 'production/app', both)
    expect((await referrers('production/app', image.digest)).toSorted()).toEqual(evidence)
  })

  test('never into what is more public', async () => {
    const { image } = await attach2()
    await addMember(registry(), 'open', both, 'developer')
    await names('open', ['staging'])
    await copy(image, 'open/app', both)
    expect(await referrers('open/app', image.digest)).toEqual([])
  })
})

test('at most eight signatures where nobody is pinned, however often it is pushed', async () => {
  await signedProject(registry(), 'unpinned')
  await addMember(registry(), 'unpinned', both, 'developer')
  const image = await pushImage(registry(), 'staging/many')
  for (let n = 0; n < 10; n += 1) {
    const layer = signedBundle({ digest: image.digest, key: other, annotations: { n: String(n) } })
    await attach(registry(), 'staging/many', bundleManifest(subjectOf(image), layer))
  }
  for (let n = 0; n < 2; n += 1) {
    await copy(image, 'unpinned/app', both)
    expect((await referrers('unpinned/app', image.digest)).length).toBe(8)
  }
})

test('an attestation is no signature here either', async () => {
  const image = await pushImage(registry(), 'staging/app')
  const layer = attestation({ digest: image.digest, key, predicateType: 'https://slsa.dev/provenance/v1' })
  await attach(registry(), 'staging/app', cosignTagManifest(image.digest, [layer], 'att'))
  await copy(image, 'production/att', both)
  expect((await registry().ask('GET', `/v2/production/att/blobs/${image.config.digest}`)).status).toBe(403)
})
