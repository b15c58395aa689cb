import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { algorithmOf, digestFromBytes, digestFromHex, digestOf, digestToBytes, hexOf, parseDigest } from './digest.ts'

const emptySha256 = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

describe('parseDigest', () => {
  test.each([emptySha256, `sha512:${'0123456789abcdef'.repeat(8)}`])('takes %s', (text) => {
    expect(parseDigest(text)).toBe(text)
  })

  test.each([
    '',
    'sha256',
    'sha256:',
    emptySha256.toUpperCase(),
    emptySha256.slice(0, -1),
    `${emptySha256}0`,
    `${emptySha256}\n`,
    ` ${emptySha256}`,
    emptySha256.replace(':', '+'),
    emptySha256.replace('sha256', 'sha512'),
    emptySha256.replace('sha256', 'SHA256'),
    `sha256:${'g'.repeat(64)}`,
    `sha384:${'a'.repeat(96)}`,
    `md5:${'a'.repeat(32)}`,
    `sha256:../../${'a'.repeat(58)}`,
  ])('refuses %j', (text) => {
    expect(parseDigest(text)).toBeUndefined()
  })
})

test('known answers', () => {
  expect(digestOf(new Uint8Array())).toBe(emptySha256)
  expect(digestOf(Buffer.from('abc'), 'sha512')).toBe(
    'sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  )
})

test('every digest survives its text, its bytes and its parts', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.constantFrom('sha256' as const, 'sha512' as const), (bytes, algorithm) => {
      const digest = digestOf(bytes, algorithm)
      expect(parseDigest(digest)).toBe(digest)
      expect(algorithmOf(digest)).toBe(algorithm)
      expect(digestFromHex(algorithm, hexOf(digest))).toBe(digest)
      expect(digestToBytes(digest)).toHaveLength(algorithm === 'sha256' ? 32 : 64)
      expect(digestFromBytes(digestToBytes(digest))).toBe(digest)
    }),
  )
})

test('a raw digest may be a view into a larger buffer', () => {
  const buffer = new Uint8Array(40).fill(7)
  buffer.fill(1, 4, 36)
  expect(digestFromBytes(buffer.subarray(4, 36))).toBe(`sha256:${'01'.repeat(32)}`)
})

test('what is no digest is a programming error', () => {
  expect(() => digestFromBytes(new Uint8Array(20))).toThrow('32 or 64 bytes, got 20')
  expect(() => digestFromHex('sha256', 'A'.repeat(64))).toThrow('sha256 needs 64 lower-case')
  expect(() => digestFromHex('sha512', 'a'.repeat(64))).toThrow(RangeError)
})
