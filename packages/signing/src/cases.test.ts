import { type Digest, digestOf, mediaType, parseManifest } from '@breakwater/oci'
import { afterAll, describe, expect, test } from 'vitest'
import type { Evidence } from './evidence.ts'
import {
  attestation,
  bundle,
  bundleManifest,
  cosignReferrerManifest,
  cosignTagManifest,
  envelope,
  type FixtureKey,
  type FixtureLayer,
  type FixtureManifest,
  fixtureKey,
  signedBundle,
  simpleSigning,
  statement,
} from './fixture.ts'
import { bundleType, simpleSigningType } from './limits.ts'
import { evidenceLayers, parseEvidence } from './parse-evidence.ts'
import { parsePublicKey } from './public-key.ts'
import { type SignatureCode, verifyAttestation, verifyEvidence } from './verify-evidence.ts'

const key = fixtureKey('p256')
const stranger = fixtureKey('p256')
const rsa = fixtureKey('rsa2048')
const image = Buffer.from('{"an":"image"}')
const digest = digestOf(image)
const other = digestOf(Buffer.from('{"another":"image"}'))
const subject = { mediaType: mediaType.ociManifest, digest, size: image.length }
const scan = 'https://cosign.sigstore.dev/attestation/vuln/v1'

/** How the evidence of one layout is made and wrapped. */
interface Layout {
  readonly make: (by: FixtureKey, about: Digest) => FixtureLayer
  readonly wrap: (layers: readonly FixtureLayer[]) => FixtureManifest
}

const simple = (by: FixtureKey, about: Digest) => simpleSigning({ key: by, digest: about, reference: 'host/app' })
const bundled = (by: FixtureKey, about: Digest) => signedBundle({ key: by, digest: about })
const attested = (by: FixtureKey, about: Digest) => attestation({ key: by, digest: about, predicateType: scan })
const attestedBundle = (by: FixtureKey, about: Digest) => signedBundle({ key: by, digest: about, predicateType: scan })
const onlyOne = ([layer]: [FixtureLayer]) => bundleManifest(subject, layer)

const layouts = {
  'cosign 2 tag': { make: simple, wrap: (layers) => cosignTagManifest(digest, layers) },
  'cosign 2 referrer': { make: simple, wrap: (layers) => cosignReferrerManifest(subject, layers) },
  'bundle, a signature': { make: bundled, wrap: (layers) => cosignReferrerManifest(subject, layers) },
  'bundle, an attestation': { make: attestedBundle, wrap: (layers) => cosignReferrerManifest(subject, layers) },
  'envelope, an attestation': { make: attested, wrap: (layers) => cosignTagManifest(digest, layers, 'att') },
} satisfies Record<string, Layout>

function read(manifest: FixtureManifest): Evidence[] {
  const parsed = parseManifest(manifest.bytes, manifest.mediaType)
  const content = new Map(evidenceLayers(parsed).map(({ digest: one }) => [one, manifest.blobs.get(one) ?? image]))
  return parseEvidence(parsed, content)
}

/** The text of a layer, changed. A change that changes nothing would prove nothing. */
function edit(layer: FixtureLayer, from: string | RegExp, to: string): FixtureLayer {
  const text = layer.bytes.toString()
  const edited = text.replace(from, to)
  expect(edited).not.toBe(text)
  return { ...layer, bytes: Buffer.from(edited) }
}

/** The payload within, changed; its signature stays. */
function tamper(layer: FixtureLayer): FixtureLayer {
  if (layer.mediaType === simpleSigningType) return edit(layer, 'host/app', 'host/App')
  const payload = /"payload":"([^"]+)"/.exec(layer.bytes.toString())?.[1] ?? ''
  const changed = Buffer.from(payload, 'base64').toString().replace('"predicate":{}', '"predicate":{"a":1}')
  return edit(layer, payload, Buffer.from(changed).toString('base64'))
}

/** One bit in the middle of the signature, changed. */
function flip(layer: FixtureLayer): FixtureLayer {
  const flipped = (text: string) => {
    const bytes = Buffer.from(text, 'base64')
    bytes[20] = (bytes[20] ?? 0) ^ 1
    return bytes.toString('base64')
  }
  const name = 'dev.cosignproject.cosign/signature'
  const annotated = layer.annotations?.[name]
  if (annotated) return { ...layer, annotations: { ...layer.annotations, [name]: flipped(annotated) } }
  const sig = /"sig":"([^"]+)"/.exec(layer.bytes.toString())?.[1] ?? ''
  return edit(layer, sig, flipped(sig))
}

function duplicateKey(layer: FixtureLayer): FixtureLayer {
  const name = layer.mediaType === simpleSigningType ? 'optional' : 'payloadType'
  return edit(layer, new RegExp(`"${name}":("[^"]*"|null)`), `"${name}":$1,"${name}":$1`)
}

const repeat = (layer: FixtureLayer, times: number) => Array.from({ length: times }, () => layer)

/** What is done to good evidence, and the code for a signature; attestations have the same but for `not-a-signature`. */
const cases: readonly [string, (layout: Layout) => FixtureManifest, readonly SignatureCode[]][] = [
  ['good', ({ make, wrap }) => wrap([make(key, digest)]), ['ok']],
  ['wrong key', ({ make, wrap }) => wrap([make(stranger, digest)]), ['wrong-key']],
  ['wrong type of key', ({ make, wrap }) => wrap([make(rsa, digest)]), ['algorithm']],
  ['other digest', ({ make, wrap }) => wrap([make(key, other)]), ['other-digest']],
  ['tampered payload', ({ make, wrap }) => wrap([tamper(make(key, digest))]), ['wrong-key']],
  ['tampered signature', ({ make, wrap }) => wrap([flip(make(key, digest))]), ['wrong-key']],
  ['truncated', ({ make, wrap }) => wrap([truncate(make(key, digest))]), ['malformed']],
  ['duplicate', ({ make, wrap }) => wrap(repeat(make(key, digest), 2)), ['ok', 'ok']],
  ['duplicate key in JSON', ({ make, wrap }) => wrap([duplicateKey(make(key, digest))]), ['malformed']],
  ['good beside wrong', ({ make, wrap }) => wrap([make(stranger, digest), make(key, digest)]), ['wrong-key', 'ok']],
  [
    'good beside damage',
    ({ make, wrap }) => wrap([truncate(make(key, digest)), make(key, digest)]),
    ['malformed', 'ok'],
  ],
  ['1,000 signatures', ({ make, wrap }) => wrap(repeat(make(key, digest), 1000)), ['too-many']],
  ['over 4 MiB', ({ make, wrap }) => wrap([pad(make(key, digest), 4 << 20)]), ['too-large']],
  ['32 MiB together', ({ make, wrap }) => wrap(nine(make(key, digest))), ['too-large']],
]

function truncate(layer: FixtureLayer): FixtureLayer {
  return { ...layer, bytes: layer.bytes.subarray(0, layer.bytes.length >> 1) }
}

function pad(layer: FixtureLayer, bytes: number): FixtureLayer {
  return { ...layer, bytes: Buffer.concat([layer.bytes, Buffer.alloc(bytes, ' ')]) }
}

function nine(layer: FixtureLayer): FixtureLayer[] {
  return Array.from({ length: 9 }, (_, index) => pad({ ...layer }, (4 << 20) - 4096 + index))
}

const cells: string[] = []
afterAll(() => console.log(`signing: ${cells.length} cells of {layout} x {case}, each with its code`))

describe.each(Object.entries<Layout>(layouts))('%s', (name, layout) => {
  test.each(cases)('%s', (title, make, codes) => {
    const evidence = read(make(layout))
    const attests = name.endsWith('attestation')
    const pinned = parsePublicKey(key.pem)
    const signature = evidence.map((one) => verifyEvidence(one, pinned, digest).code)
    const about = evidence.map((one) => verifyAttestation(one, pinned, digest).code)
    const unreadable = evidence.map(({ kind }) => kind === 'unreadable')
    const never = attests ? 'not-a-signature' : 'not-an-attestation'
    const otherwise = codes.map((code, index) => (unreadable[index] ? code : never))
    expect({ signature, about }).toEqual(
      attests ? { signature: otherwise, about: codes } : { signature: codes, about: otherwise },
    )
    cells.push(`${name}, ${title}`)
  })
})

describe('evidence dressed as another', () => {
  const signed = envelope(statement({ key, digest }), key)
  const codeOf = (manifest: FixtureManifest) =>
    read(manifest).map((one) => verifyEvidence(one, parsePublicKey(key.pem), digest).code)

  test.each<[string, FixtureManifest, SignatureCode]>([
    [
      'a signed attestation with the type of a signature',
      cosignTagManifest(digest, [{ ...attested(key, digest), mediaType: simpleSigningType }]),
      'malformed',
    ],
    [
      'a bundle with the type of a signature',
      cosignTagManifest(digest, [{ ...bundled(key, digest), mediaType: simpleSigningType }]),
      'malformed',
    ],
    [
      'a simple signature with the type of a bundle',
      onlyOne([{ ...simple(key, digest), mediaType: bundleType }]),
      'malformed',
    ],
    [
      'an envelope with the type of a bundle',
      onlyOne([{ ...attested(key, digest), mediaType: bundleType }]),
      'malformed',
    ],
    [
      'the statement of a signature in an envelope of its own',
      cosignTagManifest(digest, [{ ...attested(key, digest), bytes: Buffer.from(JSON.stringify(signed)) }], 'att'),
      'not-a-signature',
    ],
    ['a bundle whose manifest says that it is a signature', onlyOne([attestedBundle(key, digest)]), 'not-a-signature'],
    [
      'an envelope of another type',
      onlyOne([bundle(envelope(statement({ key, digest }), key, 'text/plain'), key)]),
      'malformed',
    ],
    [
      'a simple signature for other content than its own',
      cosignTagManifest(digest, [{ ...simple(key, digest), bytes: simple(key, other).bytes }]),
      'other-digest',
    ],
  ])('%s', (_, manifest, code) => {
    expect(codeOf(manifest)).toEqual([code])
  })
})

describe('each type of key', () => {
  test.each(['p256', 'p384', 'p521', 'rsa2048', 'rsa3072', 'rsa4096'] as const)('%s', (kind) => {
    const made = fixtureKey(kind)
    const pinned = parsePublicKey(made.pem)
    for (const { make, wrap } of [layouts['cosign 2 tag'], layouts['bundle, a signature']]) {
      const evidence = read(wrap([make(made, digest), make({ ...made, hash: 'sha256' }, digest)]))
      expect(evidence.map((one) => verifyEvidence(one, pinned, digest).code)).toEqual(['ok', 'ok'])
      const weak = read(wrap([make({ ...made, hash: 'sha1' }, digest), make({ ...made, hash: 'sha224' }, digest)]))
      expect(weak.map((one) => verifyEvidence(one, pinned, digest).code)).toEqual(['wrong-key', 'wrong-key'])
    }
  })
})
