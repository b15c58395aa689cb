import { createHash } from 'node:crypto'

declare const brand: unique symbol

/** A checked digest, `sha256:<64 lower-case hex>` or `sha512:<128 lower-case hex>` (image-spec, descriptor, digests). */
export type Digest = string & { readonly [brand]: 'Digest' }

/** The registered digest algorithms. */
export type Algorithm = 'sha256' | 'sha512'

const bytesOf: Record<Algorithm, number> = { sha256: 32, sha512: 64 }
const grammar = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/

/** The digest that a text spells, or undefined. */
export function parseDigest(text: string): Digest | undefined {
  return isDigest(text) ? text : undefined
}

function isDigest(text: string): text is Digest {
  return grammar.test(text)
}

/** The digest of content that is wholly in memory. */
export function digestOf(bytes: Uint8Array, algorithm: Algorithm = 'sha256'): Digest {
  return digestFromHex(algorithm, createHash(algorithm).update(bytes).digest('hex'))
}

export function algorithmOf(digest: Digest): Algorithm {
  return digest.startsWith('sha256:') ? 'sha256' : 'sha512'
}

/** The encoded part: 64 or 128 hexadecimal digits. */
export function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1)
}

/** The raw hash, 32 or 64 bytes: the form in which databases keep it. */
export function digestToBytes(digest: Digest): Buffer {
  return Buffer.from(hexOf(digest), 'hex')
}

/** The digest of a raw hash; its length tells the algorithm. Throws RangeError on any length but 32 and 64. */
export function digestFromBytes(hash: Uint8Array): Digest {
  const algorithm: Algorithm = hash.length === bytesOf.sha256 ? 'sha256' : 'sha512'
  if (hash.length !== bytesOf[algorithm]) {
    throw new RangeError(`a raw digest has ${bytesOf.sha256} or ${bytesOf.sha512} bytes, got ${hash.length}`)
  }
  return digestFromHex(algorithm, Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString('hex'))
}

/** The digest with this encoded part. Throws RangeError when it is not lower-case hexadecimal of the right length. */
export function digestFromHex(algorithm: Algorithm, hex: string): Digest {
  const text = `${algorithm}:${hex}`
  if (!isDigest(text))
    throw new RangeError(`${algorithm} needs ${bytesOf[algorithm] * 2} lower-case hexadecimal digits`)
  return text
}
