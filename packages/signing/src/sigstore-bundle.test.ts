import { digestOf, hexOf } from '@breakwater/oci'
import { describe, expect, test } from 'vitest'
import { EvidenceError } from './evidence.ts'
import { bundle, envelope, fixtureKey, signedBundle, statement } from './fixture.ts'
import { parsePublicKey } from './public-key.ts'
import { readBundle } from './sigstore-bundle.ts'
import { verifyAttestation, verifyEvidence } from './verify-evidence.ts'

const key = fixtureKey('p256')
const pinned = parsePublicKey(key.pem)
const digest = digestOf(Buffer.from('image'))
const other = digestOf(Buffer.from('other'))
const plain = statement({ key, digest })
const one = { digest: { sha256: hexOf(digest) } }

/** A good bundle with changes; undefined takes a member away. */
function changed(changes: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(JSON.stringify({ ...JSON.parse(signedBundle({ key, digest }).bytes.toString()), ...changes }))
}

function ofStatement(document: object): Buffer {
  return bundle(envelope(document, key), key).bytes
}

function outcome(bytes: Buffer): string {
  try {
    const evidence = readBundle(0, bytes)
    const about = evidence.kind === 'attestation' ? verifyAttestation : verifyEvidence
    return `${evidence.kind} ${about(evidence, pinned, digest).code}`
  } catch (error) {
    if (error instanceof EvidenceError) return `${error.code}: ${error.message}`
    throw error
  }
}

describe('a bundle that is read', () => {
  test('a signature has its subject, annotations and the key that it claims', () => {
    const { bytes } = signedBundle({ key, digest, annotations: { env: 'prod', count: 1 } })
    expect(readBundle(2, bytes)).toMatchObject({
      kind: 'signature',
      layer: 2,
      layout: 'sigstore-bundle',
      subject: digest,
      annotations: { env: 'prod' },
      signer: 'key',
      claimedKey: pinned.fingerprint,
    })
  })

  test('an attestation has its type and subjects', () => {
    const predicateType = 'https://slsa.dev/provenance/v1'
    const subject = [
      { name: 'host/app', ...one },
      { name: 'source', digest: { gitCommit: 'abc' } },
    ]
    expect(readBundle(0, ofStatement({ ...plain, predicateType, subject }))).toMatchObject({
      kind: 'attestation',
      predicateType,
      subjects: [{ name: 'host/app', digest }, { name: 'source' }],
    })
  })

  test.each<[string, Buffer, string]>([
    ['as cosign 3 writes it', changed({}), 'signature ok'],
    ['without a predicate, as cosign 2 does', ofStatement({ ...plain, predicate: undefined }), 'signature ok'],
    ['statement v0.1', ofStatement({ ...plain, _type: 'https://in-toto.io/Statement/v0.1' }), 'signature ok'],
    ['the hint of another key', changed({ verificationMaterial: { publicKey: { hint: 'QUFB' } } }), 'signature ok'],
    ['no hint', changed({ verificationMaterial: { publicKey: {} } }), 'signature ok'],
    [
      'with log entries',
      changed({ verificationMaterial: { publicKey: {}, tlogEntries: [{ logIndex: '1' }] } }),
      'signature ok',
    ],
    [
      'another predicate',
      ofStatement({ ...plain, predicateType: 'https://example.com/scan-failed' }),
      'attestation ok',
    ],
    [
      'a predicate type that only begins like it',
      ofStatement({ ...plain, predicateType: 'https://sigstore.dev/cosign/sign/v1/x' }),
      'attestation ok',
    ],
    [
      'keys in the predicate that differ by case',
      ofStatement({ ...plain, predicateType: 'x', predicate: { env: { a: 1, A: 1 } } }),
      'attestation ok',
    ],
    [
      'an attestation about several',
      ofStatement({ ...plain, predicateType: 'x', subject: [{ digest: { sha256: hexOf(other) } }, one] }),
      'attestation ok',
    ],
    [
      'an attestation about others',
      ofStatement({ ...plain, predicateType: 'x', subject: [{ digest: { sha256: hexOf(other) } }] }),
      'attestation other-digest',
    ],
    [
      'a certificate',
      changed({ verificationMaterial: { certificate: { rawBytes: 'AAAA' } } }),
      'signature unsupported',
    ],
    [
      'a chain',
      changed({ verificationMaterial: { x509CertificateChain: { certificates: [] } } }),
      'signature unsupported',
    ],
  ])('%s', (_, bytes, expected) => {
    expect(outcome(bytes)).toBe(expected)
  })
})

describe('a bundle that is refused', () => {
  const first = envelope(plain, key).signatures[0]
  const sealed = (changes: object) => changed({ dsseEnvelope: { ...envelope(plain, key), ...changes } })
  const many = Array.from({ length: 1025 }, () => one)

  test.each<[string, Buffer, string]>([
    ['no media type', changed({ mediaType: undefined }), 'malformed: bundle.mediaType must be a string'],
    ['another media type', changed({ mediaType: 'application/json' }), 'malformed: bundle.mediaType must be'],
    [
      'an older version',
      changed({ mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.2' }),
      'unsupported: only bundles of type',
    ],
    [
      'over a file',
      changed({ dsseEnvelope: undefined, messageSignature: { signature: 'AAAA' } }),
      'unsupported: a bundle with messageSignature',
    ],
    [
      'two contents',
      changed({ messageSignature: { signature: 'AAAA' } }),
      'malformed: bundle must not have two contents',
    ],
    ['no content', changed({ dsseEnvelope: undefined }), 'malformed: bundle must have dsseEnvelope'],
    ['no material', changed({ verificationMaterial: undefined }), 'malformed: verificationMaterial must be an object'],
    ['no signer', changed({ verificationMaterial: {} }), 'malformed: verificationMaterial must have exactly one'],
    [
      'two signers',
      changed({ verificationMaterial: { publicKey: {}, certificate: {} } }),
      'malformed: verificationMaterial must have exactly one',
    ],
    ['an unknown member', changed({ extra: 1 }), 'malformed: bundle must not have the member "extra"'],
    [
      'a member in snake case',
      changed({ dsse_envelope: {} }),
      'malformed: bundle must not have the member "dsse_envelope"',
    ],
    ['no signature', sealed({ signatures: [] }), 'malformed: dsseEnvelope.signatures must be exactly one'],
    [
      'two signatures',
      sealed({ signatures: [first, first] }),
      'malformed: dsseEnvelope.signatures must be exactly one',
    ],
    [
      'too many signatures',
      sealed({ signatures: Array.from({ length: 17 }, () => first) }),
      'too-many: dsseEnvelope.signatures has 17',
    ],
    [
      'a signature that is no base64',
      sealed({ signatures: [{ sig: 'A' }] }),
      'malformed: dsseEnvelope.signatures[0].sig is not base64',
    ],
    ['a signature that is too long', sealed({ signatures: [{ sig: 'A'.repeat(1600) }] }), 'at most 1024 bytes'],
    [
      'an empty signature',
      sealed({ signatures: [{ sig: '' }] }),
      'malformed: dsseEnvelope.signatures[0].sig must be base64',
    ],
    [
      'another payload type',
      sealed({ payloadType: 'application/json' }),
      'malformed: dsseEnvelope.payloadType must be',
    ],
    [
      'an alias of a member',
      sealed({ payload_type: 'application/json' }),
      'malformed: dsseEnvelope must spell payloadType so',
    ],
    ['a payload that is no base64', sealed({ payload: '_-__' }), 'malformed: dsseEnvelope.payload is not base64'],
    ['a payload that is no JSON', sealed({ payload: 'AAAA' }), 'malformed: unmarshal statement failed'],
    ['no subject', ofStatement({ ...plain, subject: [] }), 'malformed: statement.subject must not be empty'],
    [
      'two subjects in a signature',
      ofStatement({ ...plain, subject: [one, one] }),
      'malformed: statement.subject must be exactly one',
    ],
    [
      'too many subjects',
      ofStatement({ ...plain, predicateType: 'x', subject: many }),
      'too-many: statement.subject has 1025',
    ],
    [
      'a signature without SHA-256',
      ofStatement({ ...plain, subject: [{ digest: { sha512: 'a' } }] }),
      'malformed: statement.subject[0].digest must have sha256',
    ],
    [
      'a digest in upper case',
      ofStatement({ ...plain, subject: [{ digest: { sha256: 'A'.repeat(64) } }] }),
      'must be 64 lower-case hex digits',
    ],
    [
      'a digest with its algorithm',
      ofStatement({ ...plain, subject: [{ digest: { sha256: digest } }] }),
      'must be 64 lower-case hex digits',
    ],
    [
      'another statement',
      ofStatement({ ...plain, _type: 'https://in-toto.io/Statement/v2' }),
      'malformed: statement._type must be',
    ],
    [
      'no predicate type',
      ofStatement({ ...plain, predicateType: '' }),
      'malformed: statement.predicateType must not be empty',
    ],
    [
      'an alias in the statement',
      ofStatement({ ...plain, predicate_type: 'x' }),
      'malformed: statement must spell predicateType so',
    ],
    [
      'a predicate that is a text',
      ofStatement({ ...plain, predicate: 'x' }),
      'malformed: statement.predicate must be an object',
    ],
    [
      'too many annotations',
      ofStatement({ ...plain, subject: [{ ...one, annotations: Object.fromEntries(many.map((_, at) => [at, ''])) }] }),
      'too-many: statement.subject[0].annotations',
    ],
  ])('%s', (_, bytes, expected) => {
    expect(outcome(bytes)).toContain(expected)
  })
})
