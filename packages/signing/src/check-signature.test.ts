import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { checkSignature } from './check-signature.ts'
import { type FixtureKey, type FixtureKeyKind, fixtureKey } from './fixture.ts'
import { parsePublicKey } from './public-key.ts'

const message = Buffer.from('message')
const made = new Map<FixtureKeyKind, FixtureKey>()

function keyOf(kind: FixtureKeyKind): FixtureKey {
  const key = made.get(kind) ?? fixtureKey(kind)
  made.set(kind, key)
  return key
}

const by = (kind: FixtureKeyKind) => {
  const { hash, privateKey } = keyOf(kind)
  return sign(hash, message, privateKey)
}
const plain = (key: KeyObject) => sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' })
const ed25519 = generateKeyPairSync('ed25519').privateKey

test.each<[string, FixtureKeyKind, () => Buffer, string]>([
  ['its own', 'p256', () => by('p256'), 'ok'],
  ['its own', 'p521', () => by('p521'), 'ok'],
  ['its own', 'rsa3072', () => by('rsa3072'), 'ok'],
  [
    'that of another key of its type',
    'p256',
    () => sign('sha256', message, fixtureKey('p256').privateKey),
    'wrong-key',
  ],
  ['that of a larger curve', 'p256', () => by('p384'), 'algorithm'],
  ['that of a smaller curve', 'p384', () => by('p256'), 'wrong-key'],
  ['that of RSA', 'p256', () => by('rsa2048'), 'algorithm'],
  ['that of ECDSA', 'rsa2048', () => by('p256'), 'algorithm'],
  ['that of a larger modulus', 'rsa2048', () => by('rsa3072'), 'algorithm'],
  ['a part of its own', 'rsa2048', () => by('rsa2048').subarray(1), 'algorithm'],
  ['a part of its own', 'p256', () => by('p256').subarray(0, -1), 'malformed'],
  ['two bare numbers', 'p256', () => plain(keyOf('p256').privateKey), 'malformed'],
  ['that of Ed25519', 'p256', () => sign(null, message, ed25519), 'malformed'],
  ['nothing', 'p256', () => Buffer.alloc(0), 'malformed'],
  ['nothing', 'rsa2048', () => Buffer.alloc(0), 'algorithm'],
  ['zeros', 'rsa2048', () => Buffer.alloc(256), 'wrong-key'],
  ['a number beyond the modulus', 'rsa2048', () => Buffer.alloc(256, 255), 'wrong-key'],
])('of a signature that is %s, a key of type %s', (_, kind, signature, expected) => {
  expect(checkSignature(message, signature(), parsePublicKey(keyOf(kind).pem))).toBe(expected)
})

test('PSS padding is no signature of an RSA key here', () => {
  const { privateKey, pem } = keyOf('rsa2048')
  const padded = sign('sha256', message, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING })
  expect(checkSignature(message, padded, parsePublicKey(pem))).toBe('wrong-key')
})
