import { digestOf, mediaType, parseManifest } from '@breakwater/oci'
import { describe, expect, test } from 'vitest'
import {
  attestation,
  bundleManifest,
  cosignTagManifest,
  envelope,
  type FixtureManifest,
  fixtureKey,
  signedBundle,
  simpleSigning,
  statement,
} from './fixture.ts'
import { maxEvidenceLayers } from './limits.ts'
import { evidenceLayers, parseEvidence } from './parse-evidence.ts'
import { parsePublicKey } from './public-key.ts'
import { namesSubject, verifyAttestation, verifyEvidence } from './verify-evidence.ts'

const key = fixtureKey('p256')
const pinned = parsePublicKey(key.pem)
const digest = digestOf(Buffer.from('image'))
const subject = { mediaType: mediaType.ociManifest, digest, size: 5 }
const layer = simpleSigning({ key, digest })
const parse = ({ bytes, mediaType: type }: FixtureManifest) => parseManifest(bytes, type)
const read = (manifest: FixtureManifest) => parseEvidence(parse(manifest), manifest.blobs)
const codes = (manifest: FixtureManifest) => read(manifest).map((one) => verifyEvidence(one, pinned, digest).code)

describe('which layers are read', () => {
  test('each content once, those that are no evidence never', () => {
    const text = { mediaType: 'text/plain', bytes: Buffer.from('text') }
    const manifest = cosignTagManifest(digest, [layer, text, layer, simpleSigning({ key, digest, reference: 'a' })])
    const layers = evidenceLayers(parse(manifest))
    expect(layers.map(({ size }) => size)).toEqual([layer.bytes.length, layer.bytes.length + 1])
    expect(read(manifest).map((one) => one.kind !== 'unreadable' && one.layer)).toEqual([0, 2, 3])
  })

  test('an index and an image have none', () => {
    const list = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests: [] }))
    const index = parseManifest(list, mediaType.ociIndex)
    expect([evidenceLayers(index), parseEvidence(index, new Map())]).toEqual([[], []])
    const image = cosignTagManifest(digest, [{ mediaType: mediaType.ociLayerGzip, bytes: Buffer.from('layer') }])
    expect([evidenceLayers(parse(image)), read(image)]).toEqual([[], []])
  })

  test('none of a manifest that is over a limit', () => {
    const most = cosignTagManifest(
      digest,
      Array.from({ length: maxEvidenceLayers }, () => layer),
    )
    expect(new Set(codes(most))).toEqual(new Set(['ok']))
    const more = cosignTagManifest(
      digest,
      Array.from({ length: maxEvidenceLayers + 1 }, () => layer),
    )
    expect(evidenceLayers(parse(more))).toEqual([])
    expect(read(more)).toEqual([
      { kind: 'unreadable', code: 'too-many', detail: 'the manifest has 257 signatures; at most 256 are accepted' },
    ])
  })

  test('not one that is too large, while those beside it count', () => {
    const large = { ...layer, bytes: Buffer.concat([layer.bytes, Buffer.alloc(4 << 20, ' ')]) }
    const manifest = cosignTagManifest(digest, [large, layer])
    expect(evidenceLayers(parse(manifest))).toHaveLength(1)
    expect(codes(manifest)).toEqual(['too-large', 'ok'])
  })
})

describe('content that is not what the manifest names', () => {
  const manifest = cosignTagManifest(digest, [layer])
  test.each([
    ['missing', undefined, 'is not given'],
    ['other bytes', Buffer.alloc(layer.bytes.length), 'is other content'],
    ['more bytes', Buffer.concat([layer.bytes, Buffer.from(' ')]), 'is other content'],
  ])('%s is a fault of the store, and no finding', (_, bytes, message) => {
    const content = new Map(bytes ? [[digestOf(layer.bytes), bytes]] : [])
    expect(() => parseEvidence(parse(manifest), content)).toThrow(message)
  })
})

describe('evidence that is not verified here', () => {
  test.each([
    ['application/jose+json', 'Notation'],
    ['application/cose', 'Notation'],
    ['application/vnd.dev.sigstore.bundle+json;version=0.1', 'only bundles of type'],
  ])('%s', (type, reason) => {
    const manifest = cosignTagManifest(digest, [{ mediaType: type, bytes: Buffer.from('{}') }])
    expect(evidenceLayers(parse(manifest))).toEqual([])
    const [evidence] = read(manifest)
    expect(evidence).toMatchObject({ kind: 'unreadable', layer: 0, code: 'unsupported' })
    expect(evidence?.kind === 'unreadable' && evidence.detail).toContain(reason)
  })

  test('a signature with a certificate counts only for the key that made it', () => {
    const certified = { ...layer, annotations: { ...layer.annotations, 'dev.sigstore.cosign/certificate': 'PEM' } }
    const [evidence] = read(cosignTagManifest(digest, [certified]))
    const stranger = parsePublicKey(fixtureKey('p256').pem)
    if (!evidence) throw new Error('no evidence')
    expect(verifyEvidence(evidence, pinned, digest).code).toBe('ok')
    expect(verifyEvidence(evidence, stranger, digest)).toMatchObject({ code: 'unsupported' })
  })

  test('a manifest with a SHA-512 digest', () => {
    const long = digestOf(Buffer.from('image'), 'sha512')
    const [signed] = read(cosignTagManifest(digest, [simpleSigning({ key, digest: long })]))
    const [about] = read(cosignTagManifest(digest, [attestation({ key, digest, predicateType: 'x' })]))
    if (!signed || !about) throw new Error('no evidence')
    expect(verifyEvidence(signed, pinned, long).code).toBe('unsupported')
    expect(verifyAttestation(about, pinned, long).code).toBe('unsupported')
    expect(namesSubject(signed, long)).toBe(false)
  })
})

describe('what names a manifest without a key', () => {
  test('a signature does, an attestation never', () => {
    const other = digestOf(Buffer.from('other'))
    const names = (manifest: FixtureManifest) => read(manifest).map((one) => namesSubject(one, digest))
    expect(names(cosignTagManifest(digest, [layer, simpleSigning({ key, digest: other })]))).toEqual([true, false])
    expect(names(bundleManifest(subject, signedBundle({ key, digest })))).toEqual([true])
    expect(names(bundleManifest(subject, signedBundle({ key, digest, predicateType: 'x' })))).toEqual([false])
  })
})

test('an envelope may hold signatures of several keys', () => {
  const second = fixtureKey('rsa2048')
  const document = statement({ key, digest, predicateType: 'x' })
  const [a, b] = [envelope(document, key), envelope(document, second)]
  const bytes = Buffer.from(JSON.stringify({ ...a, signatures: [...b.signatures, ...a.signatures] }))
  const made = { ...attestation({ key, digest, predicateType: 'x' }), bytes }
  const [evidence] = read(cosignTagManifest(digest, [made], 'att'))
  if (!evidence) throw new Error('no evidence')
  for (const { pem } of [key, second]) {
    expect(verifyAttestation(evidence, parsePublicKey(pem), digest).code).toBe('ok')
  }
  expect(verifyAttestation(evidence, parsePublicKey(fixtureKey('p256').pem), digest).code).toBe('wrong-key')
})
