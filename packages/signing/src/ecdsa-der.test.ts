import { sign, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isEcdsaDer } from './ecdsa-der.ts'
import { type FixtureKeyKind, fixtureKey } from './fixture.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('signatures in DER', () => {
  test.each<[FixtureKeyKind, number]>([
    ['p256', 32],
    ['p384', 48],
    ['p521', 66],
  ])('what %s makes is accepted, and no part of it', (kind, fieldBytes) => {
    const { privateKey } = fixtureKey(kind)
    for (let turn = 0; turn < 200; turn += 1) {
      const signature = sign('sha256', Buffer.from([turn]), privateKey)
      expect(isEcdsaDer(signature, fieldBytes)).toBe(true)
      expect(isEcdsaDer(signature.subarray(0, -1), fieldBytes)).toBe(false)
      expect(isEcdsaDer(Buffer.concat([signature, Buffer.from([0])]), fieldBytes)).toBe(false)
    }
  })

  test.each([
    ['the smallest', '30 06 02 01 01 02 01 7f', true],
    ['a zero that keeps it positive', '30 07 02 02 00 80 02 01 01', true],
    ['empty', '', false],
    ['no content', '30 00', false],
    ['one integer', '30 03 02 01 01', false],
    ['three integers', '30 09 02 01 01 02 01 01 02 01 01', false],
    ['zero', '30 06 02 01 00 02 01 01', false],
    ['a negative integer', '30 06 02 01 80 02 01 01', false],
    ['an empty integer', '30 05 02 00 02 01 01', false],
    ['a spare zero in front', '30 07 02 02 00 01 02 01 01', false],
    ['a long length for a short value', '30 81 06 02 01 01 02 01 01', false],
    ['a length in two bytes', '30 82 00 06 02 01 01 02 01 01', false],
    ['an indefinite length', '30 80 02 01 01 02 01 01 00 00', false],
    ['a length beyond the end', '30 07 02 01 01 02 01 01', false],
    ['another tag', '31 06 02 01 01 02 01 01', false],
    ['an inner tag that is no integer', '30 06 03 01 01 02 01 01', false],
    ['an integer that is too long', `30 26 02 21 01${'00'.repeat(32)} 02 01 01`, false],
  ])('%s', (_, bytes, accepted) => {
    expect(isEcdsaDer(hex(bytes), 32)).toBe(accepted)
  })

  test('bytes that verify are always in DER', () => {
    const { privateKey, publicKey } = fixtureKey('p256')
    const message = Buffer.from('message')
    const signature = sign('sha256', message, privateKey)
    fc.assert(
      fc.property(fc.nat(signature.length - 1), fc.nat(255), fc.uint8Array({ maxLength: 3 }), (place, byte, tail) => {
        const bytes = Buffer.concat([signature, tail])
        bytes[place] = byte
        if (verify('sha256', message, publicKey, bytes)) expect(isEcdsaDer(bytes, 32)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
