import type { Digest } from '@breakwater/oci'
import { mediaType } from '@breakwater/oci'
import { parsePublicKey } from '@breakwater/signing'
import {
  attestation,
  bundleManifest,
  cosignReferrerManifest,
  cosignTagManifest,
  fixtureKey,
  signedBundle,
  simpleSigning,
  simpleSigningOf,
} from '@breakwater/signing/fixture'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { addMember, createUser, tokenFor } from '../accounts.ts'
import { blobOf, type Image, indexManifest, mustPutManifest, pushImage } from '../content.ts'
import { told } from '../gate/stage.ts'
import { admin, sharedRegistry } from '../registry.ts'
import { attach, callApi, pin, pushEvidence, signedProject, subjectOf } from './stage.ts'

/** gate.md G2 and G4 to G6. */
const registry = sharedRegistry()
const key = fixtureKey('p256')
const other = fixtureKey('p256')
let token: string
let tokenToPush: string

beforeAll(async () => {
  await signedProject(registry(), 'signed')
  await pin(registry(), 'signed', 'release', key)
  const reader = await createUser(registry(), 'reader')
  const developer = await createUser(registry(), 'developer')
  await addMember(registry(), 'signed', reader, 'guest')
  await addMember(registry(), 'signed', developer, 'developer')
  token = await tokenFor(registry(), reader.auth, 'repository:signed/app:pull')
  tokenToPush = await tokenFor(registry(), developer.auth, 'repository:signed/app:pull,push')
})

const repository = 'signed/app'
const get = (reference: string, auth = token) =>
  registry().ask('GET', `/v2/${repository}/manifests/${reference}`, { auth })
const image = () => pushImage(registry(), repository)
const tagged = (digest: Digest, by = key, named = digest) =>
  cosignTagManifest(digest, [simpleSigning({ digest: named, key: by })])

const unsigned = (what: string) => ({
  status: 403,
  code: 'DENIED',
  message: expect.stringContaining(`The image is not signed by cosign. ${what}`),
})
const codeOf = async (digest: string) =>
  ((JSON.parse((await get(digest)).text) as { errors: { detail: { reasons: { code: string }[] } }[] }).errors[0]?.detail
    .reasons ?? [])[0]?.code

describe('what counts as signed', () => {
  it('is refused before it is signed, and served after', async () => {
    const { digest } = await image()
    expect(told(await get(digest))).toMatchObject(unsigned('It has no signature; wanted: release (SHA256:'))
    await attach(registry(), repository, tagged(digest))
    expect(told(await get(digest))).toEqual({ status: 200 })
  })

  test('a referrer with simple signing', async () => {
    const one = await image()
    await attach(
      registry(),
      repository,
      cosignReferrerManifest(subjectOf(one), [simpleSigning({ digest: one.digest, key })]),
    )
    expect((await get(one.digest)).status).toBe(200)
  })

  test('a Sigstore bundle', async () => {
    const one = await image()
    await attach(registry(), repository, bundleManifest(subjectOf(one), signedBundle({ digest: one.digest, key })))
    expect((await get(one.digest)).status).toBe(200)
  })

  test('among many that do not count', async () => {
    const { digest } = await image()
    const layers = [other, other, key, other].map((by) => simpleSigning({ digest, key: by }))
    await attach(registry(), repository, cosignTagManifest(digest, layers))
    expect((await get(digest)).status).toBe(200)
  })
})

describe('presence is not enough', () => {
  const refused = async (code: string, what: string, make: (one: Image) => Parameters<typeof attach>[2]) => {
    const one = await image()
    await attach(registry(), repository, make(one))
    expect(told(await get(one.digest))).toMatchObject(unsigned(what))
    expect(await codeOf(one.digest)).toBe(code)
  }

  test('a made-up signature whose payload names another image', async () => {
    const { digest } = await image()
    await refused('signature-invalid', 'None of what is attached is a signature of it', (one) =>
      tagged(one.digest, key, digest),
    )
  })

  test('a wrong key', () =>
    refused('wrong-signer', 'Its signatures are by somebody else', (one) => tagged(one.digest, other)))

  test('a payload that was changed after it was signed', () =>
    refused('wrong-signer', 'Its signatures are by somebody else', ({ digest }) => {
      const layer = simpleSigning({ digest, key, annotations: { a: 'x' } })
      const bytes = Buffer.from(layer.bytes.toString().replace('"x"', '"y"'))
      return cosignTagManifest(digest, [{ ...layer, bytes }])
    }))

  test('no signature at all, though it is called one', () =>
    refused('signature-invalid', 'None of what is attached is a signature of it: unreadable', ({ digest }) =>
      cosignTagManifest(digest, [simpleSigningOf(Buffer.from('{}'), key)]),
    ))

  test('an attestation by the right key', () =>
    refused('signature-invalid', 'None of what is attached is a signature of it: an attestation', (one) =>
      bundleManifest(
        subjectOf(one),
        signedBundle({ digest: one.digest, key, predicateType: 'https://example.com/scan-failed/v1' }),
      ),
    ))

  test('an attestation by the right key about another image, which is told as such', async () => {
    const [one, two] = [await image(), await image()]
    const about = { key, predicateType: 'https://example.com/scan-failed/v1' }
    await attach(registry(), repository, bundleManifest(subjectOf(one), signedBundle({ digest: one.digest, ...about })))
    await attach(registry(), repository, bundleManifest(subjectOf(two), signedBundle({ digest: one.digest, ...about })))
    const codes = async ({ digest }: Image) => {
      const path = `/verdict?repository=${repository}&reference=${digest}`
      const { signatures } = JSON.parse((await callApi(registry(), 'GET', path)).text) as {
        signatures: { kind: string; results: { code: string }[] }[]
      }
      return signatures.map(({ kind, results }) => [kind, ...results.map(({ code }) => code)])
    }
    expect(await codes(one)).toEqual([['attestation', 'ok']])
    expect(await codes(two)).toEqual([['attestation', 'other-digest']])
    expect(await codeOf(two.digest)).toBe('signature-invalid')
  })

  test('an attestation in the form of cosign 2', () =>
    refused('signature-invalid', 'None of what is attached', (one) =>
      cosignReferrerManifest(subjectOf(one), [
        attestation({ digest: one.digest, key, predicateType: 'https://slsa.dev/provenance/v1' }),
      ]),
    ))

  test('1,000 signatures in one manifest count for nothing, and take no time', async () => {
    const { digest } = await image()
    const layer = simpleSigning({ digest, key })
    await attach(
      registry(),
      repository,
      cosignTagManifest(
        digest,
        Array.from({ length: 1_000 }, () => layer),
      ),
    )
    expect(await codeOf(digest)).toBe('signature-invalid')
    expect(told(await get(digest)).message).toContain('1000 signatures')
  })

  test('one that is deleted again', async () => {
    const { digest } = await image()
    const signature = await attach(registry(), repository, tagged(digest))
    expect((await get(digest)).status).toBe(200)
    await registry().ask('DELETE', `/v2/${repository}/manifests/${signature}`)
    expect(await codeOf(digest)).toBe('unsigned')
  })
})

describe('signing an image that is refused (G2)', () => {
  test('whoever may push gets the manifest, and nothing that runs', async () => {
    const one = await image()
    const answer = await get(one.digest, tokenToPush)
    expect(answer.bytes).toEqual(one.bytes)
    for (const blob of [one.config, ...one.layers]) {
      const asked = await registry().ask('GET', `/v2/${repository}/blobs/${blob.digest}`, { auth: tokenToPush })
      expect(told(asked)).toMatchObject(unsigned('It has no signature'))
    }
    const [row] = await registry().query<{ actor: string }>(
      `select actor from ledger where action = 'manifest.read-to-sign' and object = $1`,
      [`${repository}@${one.digest}`],
    )
    expect(row).toEqual({ actor: 'user:developer' })
  })

  test('a manifest that was ever under the tag of a signature stays evidence', async () => {
    const { digest } = await image()
    const first = await attach(registry(), repository, tagged(digest))
    await attach(registry(), repository, tagged(digest, other))
    expect((await get(digest)).status).toBe(200)
    expect((await get(first)).status).toBe(200)
  })

  test('evidence is there for whoever may pull', async () => {
    const one = await image()
    const evidence = tagged(one.digest)
    await attach(registry(), repository, evidence)
    expect((await get(evidence.tag ?? '')).status).toBe(200)
    for (const blob of evidence.blobs.keys()) {
      expect((await registry().ask('GET', `/v2/${repository}/blobs/${blob}`, { auth: token })).status).toBe(200)
    }
  })
})

describe('a signed index (G6)', () => {
  const push = async (children: readonly Image[]) => {
    const bytes = Buffer.from(indexManifest(children))
    const { digest } = blobOf(bytes)
    await mustPutManifest(registry(), repository, digest, bytes, mediaType.ociIndex)
    return digest
  }

  test('covers its children as long as it is there', async () => {
    const child = await image()
    const index = await push([child])
    expect((await get(child.digest)).status).toBe(403)
    await attach(registry(), repository, tagged(index))
    expect((await get(index)).status).toBe(200)
    expect((await get(child.digest)).status).toBe(200)
    await registry().ask('DELETE', `/v2/${repository}/manifests/${index}`)
    expect(await codeOf(child.digest)).toBe('unsigned')
  })

  test('covers nothing where its signer is somebody else', async () => {
    const child = await image()
    await attach(registry(), repository, tagged(await push([child]), other))
    expect((await get(child.digest)).status).toBe(403)
  })
})

test('the sentence names the key that a foreign bundle claims to be by', async () => {
  const one = await image()
  const foreign = signedBundle({ digest: one.digest, key: other })
  await attach(registry(), repository, bundleManifest(subjectOf(one), foreign))
  const claimed = parsePublicKey(other.pem).fingerprint.slice(0, 16)
  expect(told(await get(one.digest))).toMatchObject(
    unsigned(`Its signatures are by somebody else, who claims to have the key SHA256:${claimed}; wanted: release (`),
  )
})

describe('without a pinned key (G5)', () => {
  beforeAll(() => signedProject(registry(), 'unpinned', true))
  let open: string
  beforeAll(async () => {
    open = await tokenFor(registry(), undefined, 'repository:unpinned/app:pull')
  })
  const status = async (digest: string) =>
    (await registry().ask('GET', `/v2/unpinned/app/manifests/${digest}`, { auth: open })).status

  test('a signature that names the image is enough, and is called what it is', async () => {
    const one = await pushImage(registry(), 'unpinned/app')
    expect(await status(one.digest)).toBe(403)
    await attach(registry(), 'unpinned/app', tagged(one.digest, other))
    expect(await status(one.digest)).toBe(200)
    const why = await callApi(registry(), 'GET', `/verdict?repository=unpinned/app&reference=${one.digest}`)
    expect(JSON.parse(why.text)).toMatchObject({
      allowed: true,
      notes: [
        { code: 'unverified-signer', sentence: expect.stringContaining('signature present, signer not verified') },
      ],
    })
  })

  test('a signature of another image is not, and an index covers nothing', async () => {
    const one = await pushImage(registry(), 'unpinned/app')
    const bytes = Buffer.from(indexManifest([one]))
    const index = blobOf(bytes).digest
    await mustPutManifest(registry(), 'unpinned/app', index, bytes, mediaType.ociIndex)
    await attach(registry(), 'unpinned/app', tagged(index, other))
    await attach(registry(), 'unpinned/app', tagged(one.digest, key, index))
    expect(await status(index)).toBe(200)
    expect(await status(one.digest)).toBe(403)
    const listed = await pushImage(registry(), 'unpinned/app')
    const second = Buffer.from(indexManifest([listed]))
    await mustPutManifest(registry(), 'unpinned/app', blobOf(second).digest, second, mediaType.ociIndex)
    await attach(registry(), 'unpinned/app', tagged(blobOf(second).digest))
    const refused = await registry().ask('GET', `/v2/unpinned/app/manifests/${listed.digest}`, { auth: open })
    expect(told(refused)).toMatchObject(
      unsigned('An index that lists it is signed, which counts only with a pinned key'),
    )
  })
})

test('`why` names who was wanted and who was found', async () => {
  const { digest } = await image()
  await attach(registry(), repository, tagged(digest, other))
  const answer = await callApi(registry(), 'GET', `/verdict?repository=${repository}&reference=${digest}`, undefined, {
    auth: admin,
  })
  expect(JSON.parse(answer.text)).toMatchObject({
    gated: true,
    allowed: false,
    reasons: [{ code: 'wrong-signer' }],
    signing: [{ origin: 'project', pinned: true, requirement: 'any', wanted: [{ name: 'release' }] }],
    signatures: [{ kind: 'signature', signs: digest, results: [{ key: 'release', code: 'wrong-key' }] }],
  })
})

test('evidence that cannot be stored leaves nothing behind', async () => {
  const { digest } = await image()
  const answer = await pushEvidence(registry(), repository, { ...tagged(digest), bytes: Buffer.from('{}') })
  expect(answer.status).toBe(400)
})
