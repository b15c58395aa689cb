import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { readPem } from './pem.ts'
import { PublicKeyError } from './public-key-error.ts'

export { PublicKeyError, type PublicKeyFault } from './public-key-error.ts'

export type KeyAlgorithm = 'ecdsa-p256' | 'ecdsa-p384' | 'ecdsa-p521' | 'rsa-pkcs1v15'

/** A public key that signatures can be verified with, and how; nothing in a signature can change that. */
export interface PublicKey {
  /** SHA-256 of the key as SubjectPublicKeyInfo in DER, in hex: one and the same for a key in whatever PEM. */
  readonly fingerprint: string
  readonly algorithm: KeyAlgorithm
  /** Of the modulus or the field. */
  readonly bits: number
  /** The hashes that cosign signs with under such a key. */
  readonly hashes: readonly string[]
  /** As SubjectPublicKeyInfo, `PUBLIC KEY`. */
  readonly pem: string
  readonly key: KeyObject
}

/**
 * Hashes by curve: cosign signs with the curve's own from a key file, with SHA-256 through a KMS such as Vault's. A
 * message cannot be found that has the same hash under both, for they differ in length.
 */
const curves: Readonly<Record<string, Pick<PublicKey, 'algorithm' | 'bits' | 'hashes'>>> = {
  prime256v1: { algorithm: 'ecdsa-p256', bits: 256, hashes: ['sha256'] },
  secp384r1: { algorithm: 'ecdsa-p384', bits: 384, hashes: ['sha384', 'sha256'] },
  secp521r1: { algorithm: 'ecdsa-p521', bits: 521, hashes: ['sha512', 'sha256'] },
}

const leastModulus = 2048
const mostModulus = 8192
const leastExponent = 65537n
const mostExponent = 1n << 32n

/**
 * Reads one public key in PEM: `PUBLIC KEY` (RFC 7468 section 13) or `RSA PUBLIC KEY` (RFC 8017 appendix A.1.1), ECDSA over
 * P-256, P-384 or P-521, or RSA with 2,048 to 8,192 bits. Throws PublicKeyError, which never quotes what was given.
 */
export function parsePublicKey(pem: string): PublicKey {
  const { label, der } = readPem(pem)
  const type = label === 'RSA PUBLIC KEY' ? 'pkcs1' : 'spki'
  const key = decode(der, type)
  const traits = traitsOf(key)
  // Else the same key could be pinned twice, in two encodings, and sign for two.
  if (!canonical(key, type).equals(der)) {
    throw new PublicKeyError(
      'malformed',
      'the key is not encoded as usual: named curve, uncompressed point, nothing after it',
    )
  }
  const spki = key.export({ format: 'der', type: 'spki' })
  const fingerprint = createHash('sha256').update(spki).digest('hex')
  return { fingerprint, ...traits, pem: key.export({ format: 'pem', type: 'spki' }).toString(), key }
}

function decode(der: Buffer, type: 'spki' | 'pkcs1'): KeyObject {
  try {
    return createPublicKey({ key: der, format: 'der', type })
  } catch {
    throw new PublicKeyError('malformed', 'the PEM block does not hold a public key')
  }
}

/** The key written anew from its numbers. */
function canonical(key: KeyObject, type: 'spki' | 'pkcs1'): Buffer {
  return createPublicKey({ key: key.export({ format: 'jwk' }), format: 'jwk' }).export({ format: 'der', type })
}

function traitsOf(key: KeyObject): Pick<PublicKey, 'algorithm' | 'bits' | 'hashes'> {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = key
  if (type === 'rsa') return rsaTraits(details.modulusLength ?? 0, details.publicExponent ?? 0n)
  const curve = details.namedCurve ?? ''
  const known = type === 'ec' && Object.hasOwn(curves, curve) ? curves[curve] : undefined
  if (known) return known
  const reason =
    type === 'ed25519'
      ? 'Ed25519 keys cannot be used: what cosign signs with one, cosign itself does not verify with the public key'
      : `keys of type ${type === 'ec' ? `EC ${curve || 'with explicit parameters'}` : type} cannot be used`
  throw new PublicKeyError('unsupported', `${reason}; use ECDSA with P-256, P-384 or P-521, or RSA`)
}

function rsaTraits(bits: number, exponent: bigint): Pick<PublicKey, 'algorithm' | 'bits' | 'hashes'> {
  if (bits < leastModulus) {
    throw new PublicKeyError('weak', `an RSA key needs at least ${leastModulus} bits, this one has ${bits}`)
  }
  if (bits > mostModulus) {
    throw new PublicKeyError('unsupported', `an RSA key may have at most ${mostModulus} bits, this one has ${bits}`)
  }
  // FIPS 186-5 section 5.1; the upper bound keeps verification cheap.
  if (exponent < leastExponent || exponent > mostExponent || exponent % 2n === 0n) {
    throw new PublicKeyError('weak', 'the public exponent of an RSA key must be odd, from 65537 to 2^32')
  }
  return { algorithm: 'rsa-pkcs1v15', bits, hashes: ['sha256'] }
}
