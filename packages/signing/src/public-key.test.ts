import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type FixtureKeyKind, fixtureKey } from './fixture.ts'
import { PublicKeyError, parsePublicKey } from './public-key.ts'

const p256 = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAElTgaQcPks9Snz0zo+xxe0ma4ZKQN
aFO0yVfxVYQALorO2aRGtGWpWmmCahZKDphBhOnWsu12c4mhS8pPk3iu2w==
-----END PUBLIC KEY-----
`

function fault(pem: string): string {
  try {
    parsePublicKey(pem)
  } catch (error) {
    if (error instanceof PublicKeyError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'accepted'
}

function pemOf(label: string, der: Buffer): string {
  return `-----BEGIN ${label}-----\n${der.toString('base64')}\n-----END ${label}-----\n`
}

describe('keys that can be used', () => {
  test.each<[FixtureKeyKind, string, number, string[]]>([
    ['p256', 'ecdsa-p256', 256, ['sha256']],
    ['p384', 'ecdsa-p384', 384, ['sha384', 'sha256']],
    ['p521', 'ecdsa-p521', 521, ['sha512', 'sha256']],
    ['rsa2048', 'rsa-pkcs1v15', 2048, ['sha256']],
    ['rsa3072', 'rsa-pkcs1v15', 3072, ['sha256']],
  ])('%s', (kind, algorithm, bits, hashes) => {
    const { pem } = fixtureKey(kind)
    expect(parsePublicKey(pem)).toMatchObject({ algorithm, bits, hashes, pem })
  })

  test('the fingerprint is SHA-256 of the key in DER, whatever the PEM looks like', () => {
    const { fingerprint } = parsePublicKey(p256)
    // openssl pkey -pubin -outform DER | sha256sum
    expect(fingerprint).toBe('d1008a48396f0a2f740e37e3836804a82db8cfb143528ffca3b8d7159a52067d')
    for (const pem of [p256.replaceAll('\n', '\r\n'), `\n\n${p256}\n`, p256.trimEnd()]) {
      expect(parsePublicKey(pem).fingerprint).toBe(fingerprint)
    }
    const oneLine = pemOf('PUBLIC KEY', Buffer.from(p256.replace(/-----[^-]+-----/g, ''), 'base64'))
    expect(parsePublicKey(oneLine).fingerprint).toBe(fingerprint)
  })

  test('an RSA key is the same in both of its PEM forms', () => {
    const { publicKey, pem } = fixtureKey('rsa2048')
    const pkcs1 = publicKey.export({ format: 'pem', type: 'pkcs1' }).toString()
    expect(pkcs1).toContain('BEGIN RSA PUBLIC KEY')
    expect(parsePublicKey(pkcs1)).toMatchObject({ pem, fingerprint: parsePublicKey(pem).fingerprint })
  })
})

describe('keys that are refused', () => {
  const spki = (key: { publicKey: KeyObject }) => key.publicKey.export({ format: 'pem', type: 'spki' }).toString()

  test.each([
    ['RSA with 1,024 bits', () => spki(generateKeyPairSync('rsa', { modulusLength: 1024 })), 'weak: '],
    ['RSA with 2,047 bits', () => spki(generateKeyPairSync('rsa', { modulusLength: 2047 })), 'weak: '],
    [
      'RSA with exponent 3',
      () => spki(generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 })),
      'weak: ',
    ],
    [
      'RSA-PSS',
      () => spki(generateKeyPairSync('rsa-pss', { modulusLength: 2048 })),
      'unsupported: keys of type rsa-pss',
    ],
    ['Ed25519', () => spki(generateKeyPairSync('ed25519')), 'unsupported: Ed25519 keys cannot be used'],
    ['Ed448', () => spki(generateKeyPairSync('ed448')), 'unsupported: keys of type ed448'],
    ['X25519', () => spki(generateKeyPairSync('x25519')), 'unsupported: keys of type x25519'],
    [
      'P-224',
      () => spki(generateKeyPairSync('ec', { namedCurve: 'secp224r1' })),
      'unsupported: keys of type EC secp224r1',
    ],
    [
      'secp256k1',
      () => spki(generateKeyPairSync('ec', { namedCurve: 'secp256k1' })),
      'unsupported: keys of type EC secp256k1',
    ],
    ['nothing', () => '', 'not-pem: '],
    ['a word', () => 'key', 'not-pem: '],
    ['too long', () => p256 + ' '.repeat(20_000), 'not-pem: '],
    ['text around', () => `cosign.pub:\n${p256}`, 'not-pem: '],
    ['headers', () => p256.replace('KEY-----\n', 'KEY-----\nProc-Type: 4\n\n'), 'not-pem: '],
    ['labels that differ', () => p256.replace('END PUBLIC', 'END RSA PUBLIC'), 'not-pem: '],
    ['another label', () => p256.replaceAll('PUBLIC KEY', 'EC PARAMETERS'), 'not-pem: '],
    ['base64 with spare bits', () => p256.replace('u2w==', 'u2x=='), 'not-pem: '],
    ['an empty block', () => '-----BEGIN PUBLIC KEY-----\n\n-----END PUBLIC KEY-----', 'not-pem: '],
    ['two keys', () => p256 + p256, 'several: '],
    ['a certificate', () => p256.replaceAll('PUBLIC KEY', 'CERTIFICATE'), 'certificate: '],
    ['a certificate after the key', () => p256 + p256.replaceAll('PUBLIC KEY', 'CERTIFICATE'), 'certificate: '],
    ['not DER', () => pemOf('PUBLIC KEY', Buffer.from('not DER')), 'malformed: '],
    ['the wrong form', () => p256.replaceAll('PUBLIC KEY', 'RSA PUBLIC KEY'), 'malformed: '],
  ])('%s', (_, make, expected) => {
    expect(fault(make())).toContain(expected)
    expect(fault(make()).startsWith(expected.split(' ')[0] ?? '')).toBe(true)
  })

  test('a private key is refused without repeating it', () => {
    for (const label of ['PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED SIGSTORE PRIVATE KEY', 'OPENSSH PRIVATE KEY']) {
      const said = fault(pemOf(label, Buffer.from('secret secret secret')))
      expect(said).toMatch(/^private-key: /)
      expect(said).not.toContain(Buffer.from('secret').toString('base64').slice(0, 6))
    }
  })

  test('one key has one encoding, so that it cannot be pinned twice', () => {
    const key = createPublicKey(p256)
    const der = key.export({ format: 'der', type: 'spki' })
    const { x = '', y = '' } = key.export({ format: 'jwk' })
    const odd = (Buffer.from(y, 'base64url').at(-1) ?? 0) % 2
    const compressed = Buffer.concat([
      Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex'),
      Buffer.from([2 + odd]),
      Buffer.from(x, 'base64url'),
    ])
    expect(createPublicKey({ key: compressed, format: 'der', type: 'spki' }).equals(key)).toBe(true)
    expect(fault(pemOf('PUBLIC KEY', compressed))).toMatch(/^malformed: the key is not encoded as usual/)
    expect(fault(pemOf('PUBLIC KEY', Buffer.concat([der, Buffer.from([0])])))).toMatch(/^malformed: /)
  })

  test('a point that is not on the curve is refused', () => {
    const der = createPublicKey(p256).export({ format: 'der', type: 'spki' })
    der[der.length - 1] = (der.at(-1) ?? 0) ^ 1
    expect(fault(pemOf('PUBLIC KEY', der))).toMatch(/^malformed: /)
  })
})
