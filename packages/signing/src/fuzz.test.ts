import { digestOf, mediaType, parseManifest } from '@breakwater/oci'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Evidence } from './evidence.ts'
import {
  attestation,
  bundleManifest,
  cosignTagManifest,
  type FixtureLayer,
  type FixtureManifest,
  fixtureKey,
  signedBundle,
  simpleSigning,
} from './fixture.ts'
import { maxLayerBytes } from './limits.ts'
import { parseEvidence } from './parse-evidence.ts'
import { parsePublicKey } from './public-key.ts'
import { verifyAttestation, verifyEvidence } from './verify-evidence.ts'

const key = fixtureKey('p256')
const pinned = parsePublicKey(key.pem)
const digest = digestOf(Buffer.from('image'))
const subject = { mediaType: mediaType.ociManifest, digest, size: 5 }
const annotations = { env: 'prod' }

const forms: readonly [string, FixtureLayer, (layer: FixtureLayer) => FixtureManifest][] = [
  ['simple signing', simpleSigning({ key, digest, annotations }), (layer) => cosignTagManifest(digest, [layer])],
  ['bundle', signedBundle({ key, digest, annotations }), (layer) => bundleManifest(subject, layer)],
  [
    'envelope',
    attestation({ key, digest, predicateType: 'x', predicate: { a: [1, { b: 'c' }] } }),
    (layer) => cosignTagManifest(digest, [layer], 'att'),
  ],
]

function read({ bytes, mediaType: type, blobs }: FixtureManifest): Evidence | undefined {
  return parseEvidence(parseManifest(bytes, type), blobs)[0]
}

function accepts(evidence: Evidence | undefined): boolean {
  if (!evidence) return false
  return [verifyEvidence, verifyAttestation].some((verify) => verify(evidence, pinned, digest).code === 'ok')
}

/** A change somewhere in the bytes: other bytes in the place of some. */
const splice = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.nat(8),
  put: fc.uint8Array({ maxLength: 8 }),
})

/** What JSON, base64 and digests are made of, so that changes get past the first check. */
const token = fc.constantFrom(
  '"',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '=',
  'A',
  '0',
  'null',
  '\\u0061',
  '"critical":{}',
  '"sig":""',
  ' ',
)

function changed(bytes: Buffer, changes: readonly { at: number; cut: number; put: Uint8Array }[]): Buffer {
  return changes.reduce((text, { at, cut, put }) => {
    const place = Math.floor(at * text.length)
    return Buffer.concat([text.subarray(0, place), put, text.subarray(place + cut)])
  }, bytes)
}

describe.each(forms)('%s', (_, layer, wrap) => {
  const good = read(wrap(layer))

  test('is good as it was made', () => {
    expect(accepts(good)).toBe(true)
  })

  test('what still verifies after a change says what was signed', () => {
    const spliced = fc.oneof(
      splice,
      fc.record({ at: splice.map(({ at }) => at), cut: fc.nat(2), put: token.map(Buffer.from) }),
    )
    let kept = 0
    fc.assert(
      fc.property(fc.array(spliced, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = changed(layer.bytes, changes)
        fc.pre(!bytes.equals(layer.bytes))
        const evidence = read(wrap({ ...layer, bytes }))
        if (!accepts(evidence) || !evidence || evidence.kind === 'unreadable') return
        kept += 1
        expect(evidence).toMatchObject({
          kind: good?.kind,
          message: good && 'message' in good ? good.message : undefined,
        })
        expect('annotations' in evidence && evidence.annotations).toEqual(
          good && 'annotations' in good && good.annotations,
        )
      }),
      { numRuns: 2000 },
    )
    // The bytes of a payload are signed themselves; an envelope may gain a blank.
    if (layer.mediaType.includes('simplesigning')) expect(kept).toBe(0)
  })

  test('no bytes make it throw, and none verify', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map(Buffer.from),
      fc.array(token).map((all) => Buffer.from(all.join(''))),
    )
    fc.assert(
      fc.property(bytes, (content) => {
        expect(read(wrap({ ...layer, bytes: Buffer.from(content) }))).toMatchObject({
          kind: 'unreadable',
          code: 'malformed',
        })
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['openings', '['],
    ['objects in objects', '{"a":'],
    ['members', '{"a":1,'],
    ['quotes', '"'],
    ['backslashes', '\\'],
    ['digits', '9'],
    ['empty arrays', '[],'],
    ['long keys', `"${'k'.repeat(1000)}":`],
  ])('4 MiB of %s end with a code', (_, part) => {
    const bytes = Buffer.alloc(maxLayerBytes, part)
    const unopened = read(wrap({ ...layer, bytes }))
    expect(unopened).toMatchObject({ kind: 'unreadable', code: 'malformed' })
    const within = Buffer.concat([Buffer.from('{"optional":{"a":['), bytes.subarray(0, maxLayerBytes - 18)])
    expect(read(wrap({ ...layer, bytes: within }))).toMatchObject({ kind: 'unreadable', code: 'malformed' })
  })
})

test('random bytes in the place of a signature never verify', () => {
  const simple = simpleSigning({ key, digest })
  const sequence = fc.tuple(
    fc.uint8Array({ minLength: 1, maxLength: 32 }),
    fc.uint8Array({ minLength: 1, maxLength: 32 }),
  )
  const der = sequence.map((integers) => {
    const content = Buffer.concat(integers.map((one) => Buffer.from([2, one.length, ...one])))
    return Buffer.concat([Buffer.from([0x30, content.length]), content])
  })
  fc.assert(
    fc.property(fc.oneof(der, fc.uint8Array({ minLength: 1, maxLength: 600 })), (signature) => {
      const encoded = { 'dev.cosignproject.cosign/signature': Buffer.from(signature).toString('base64') }
      const evidence = read(cosignTagManifest(digest, [{ ...simple, annotations: encoded }]))
      expect(evidence && verifyEvidence(evidence, pinned, digest).code).toMatch(/^(wrong-key|algorithm|malformed)$/)
    }),
    { numRuns: 1000 },
  )
})

test('no text makes the reading of keys throw anything but its refusal', () => {
  fc.assert(
    fc.property(fc.array(splice, { minLength: 1, maxLength: 3 }), (changes) => {
      const pem = changed(Buffer.from(key.pem), changes).toString('latin1')
      let fingerprint: string
      try {
        fingerprint = parsePublicKey(pem).fingerprint
      } catch (error) {
        expect(error).toHaveProperty('name', 'PublicKeyError')
        return
      }
      // What is read is a whole key; only blanks around it may change nothing.
      if (fingerprint === pinned.fingerprint) expect(pem.replace(/\s/g, '')).toBe(key.pem.replace(/\s/g, ''))
    }),
    { numRuns: 2000 },
  )
})
