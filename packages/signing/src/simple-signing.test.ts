import { digestOf } from '@breakwater/oci'
import { describe, expect, test } from 'vitest'
import { EvidenceError } from './evidence.ts'
import { fixtureKey, simpleSigning } from './fixture.ts'
import { readSimpleSigning } from './simple-signing.ts'

const key = fixtureKey('p256')
const digest = digestOf(Buffer.from('image'))
const annotations = { 'dev.cosignproject.cosign/signature': 'AAAA' }
const identity = { 'docker-reference': 'host/app' }
const image = { 'docker-manifest-digest': digest }
const type = 'cosign container image signature'

function refusal(payload: object | string, by: Record<string, string> = annotations): string {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  try {
    readSimpleSigning(0, Buffer.from(text), by)
  } catch (error) {
    if (error instanceof EvidenceError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'accepted'
}

describe('a payload that is read', () => {
  test('says what was signed along', () => {
    const layer = simpleSigning({
      digest,
      key,
      reference: 'registry.example.com/production/app',
      annotations: { env: 'prod', ENV: 'test', count: 1, creator: { name: 'x' } },
    })
    expect(readSimpleSigning(3, layer.bytes, layer.annotations ?? {})).toMatchObject({
      kind: 'signature',
      layer: 3,
      layout: 'simple-signing',
      subject: digest,
      reference: 'registry.example.com/production/app',
      annotations: { env: 'prod', ENV: 'test' },
      signer: 'key',
    })
  })

  test('what is not there is absent', () => {
    const layer = simpleSigning({ digest, key })
    const evidence = readSimpleSigning(0, layer.bytes, layer.annotations ?? {})
    expect(evidence).not.toHaveProperty('reference')
    expect(Object.keys(evidence.annotations)).toEqual([])
  })

  test('a certificate beside it is noticed', () => {
    const layer = simpleSigning({ digest, key })
    const certified = { ...layer.annotations, 'dev.sigstore.cosign/certificate': '-----BEGIN CERTIFICATE-----' }
    expect(readSimpleSigning(0, layer.bytes, certified).signer).toBe('certificate')
  })

  test('members named like those of Object are only data', () => {
    const text = `{"critical":${JSON.stringify({ identity, image, type })},"optional":{"__proto__":"a","constructor":"b"}}`
    const read = readSimpleSigning(0, Buffer.from(text), annotations)
    expect(Object.entries(read.annotations)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
  })
})

describe('a payload that is refused', () => {
  const whole = JSON.stringify({ critical: { identity, image, type }, optional: null })
  const many = Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`key${index}`, '']))

  // cosign 2.6.5 and 3.1.3 accept each of these marked with *.
  test.each<[string, object | string, string]>([
    ['nothing', '', 'malformed: '],
    ['an array', '[]', 'malformed: simple signing payload must be an object'],
    ['no critical', { optional: null }, 'malformed: critical must be an object'],
    ['no identity', { critical: { image, type } }, 'malformed: critical.identity must be an object'],
    ['no image', { critical: { identity, type } }, 'malformed: critical.image must be an object'],
    ['no digest', { critical: { identity, image: {}, type } }, 'malformed: critical.image.docker-manifest-digest'],
    [
      'a digest in upper case',
      { critical: { identity, image: { 'docker-manifest-digest': digest.toUpperCase() }, type } },
      'malformed: critical.image.docker-manifest-digest must be a digest',
    ],
    ['no type *', { critical: { identity, image } }, 'malformed: critical.type must be'],
    [
      'another type *',
      { critical: { identity, image, type: 'atomic container signature' } },
      'malformed: critical.type must be',
    ],
    [
      'a critical member that nobody knows *',
      { critical: { identity, image, type, until: 2020 } },
      'malformed: critical must not have the member "until"',
    ],
    [
      'a member beside',
      { critical: { identity, image, type }, more: 1 },
      'malformed: simple signing payload must not have the member "more"',
    ],
    [
      'a second digest',
      { critical: { identity, image: { ...image, digest }, type } },
      'malformed: critical.image must not have',
    ],
    ['a key in another case *', whole.replace('critical', 'Critical'), 'malformed: '],
    ['a key twice *', whole.replace('"optional":null', '"critical":{}'), 'malformed: '],
    ['a nested key twice', whole.replace('"type"', '"type":"","type"'), 'malformed: '],
    ['a byte order mark', `\uFEFF${whole}`, 'malformed: '],
    ['text after it', `${whole}{}`, 'malformed: '],
    [
      'annotations as a list',
      { critical: { identity, image, type }, optional: [] },
      'malformed: optional must be an object',
    ],
    ['too many annotations', { critical: { identity, image, type }, optional: many }, 'too-many: optional has 257'],
    [
      'a long annotation',
      { critical: { identity, image, type }, optional: { a: 'a'.repeat(4097) } },
      'too-large: optional has more than',
    ],
    [
      'a long reference',
      { critical: { identity: { 'docker-reference': 'a'.repeat(4097) }, image, type } },
      'too-large: ',
    ],
    ['deep nesting', whole.replace('null', `${'[{"a":'.repeat(100)}1${'}]'.repeat(100)}`), 'malformed: '],
  ])('%s', (_, payload, expected) => {
    expect(refusal(payload)).toContain(expected)
  })

  test.each([
    ['none', {}, 'malformed: the layer must have the annotation'],
    ['empty', { 'dev.cosignproject.cosign/signature': '' }, 'malformed: the layer must have the annotation'],
    ['no base64', { 'dev.cosignproject.cosign/signature': '!!!!' }, 'is not base64'],
    ['base64 without padding', { 'dev.cosignproject.cosign/signature': 'AAA' }, 'is not base64'],
    ['base64 for URLs', { 'dev.cosignproject.cosign/signature': '_-__' }, 'is not base64'],
    ['base64 with spare bits', { 'dev.cosignproject.cosign/signature': 'AB==' }, 'is not base64'],
    ['base64 in lines', { 'dev.cosignproject.cosign/signature': 'AAAA\nAAAA' }, 'is not base64'],
    ['too long', { 'dev.cosignproject.cosign/signature': 'A'.repeat(4 * 400) }, 'at most 1024 bytes'],
  ])('signature: %s', (_, by, expected) => {
    expect(refusal(whole)).toBe('accepted')
    expect(refusal(whole, by)).toContain(expected)
  })
})
