import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ByteRange, parseByteRange, parseContentRange } from './range.ts'

/** The offsets that a range names, found by trying each. */
function offsets(first: number | undefined, last: number | undefined, size: number): number[] {
  const all = Array.from({ length: size }, (_, offset) => offset)
  if (first === undefined) return all.filter((offset) => size - offset <= (last ?? 0))
  return all.filter((offset) => offset >= first && (last === undefined || offset <= last))
}

function naive(first: number | undefined, last: number | undefined, size: number): ByteRange {
  if (first === undefined && last === undefined) return { kind: 'whole' }
  if (first === undefined && last !== 0 && size === 0) return { kind: 'whole' }
  const [start, ...more] = offsets(first, last, size)
  return start === undefined ? { kind: 'unsatisfiable' } : { kind: 'part', start, end: more.at(-1) ?? start }
}

describe('parseByteRange', () => {
  test('agrees with counting offsets', () => {
    const offset = fc.option(fc.nat({ max: 12 }), { nil: undefined })
    fc.assert(
      fc.property(offset, offset, fc.nat({ max: 10 }), (first, last, size) => {
        expect(parseByteRange(`bytes=${first ?? ''}-${last ?? ''}`, size)).toEqual(naive(first, last, size))
      }),
      { numRuns: 2000 },
    )
  })

  test('a part always lies within the content', () => {
    const offset = fc.oneof(fc.constant(''), fc.bigInt({ min: 0n, max: 10n ** 30n }).map(String))
    fc.assert(
      fc.property(offset, offset, fc.maxSafeNat(), (first, last, size) => {
        const range = parseByteRange(`bytes=${first}-${last}`, size)
        if (range.kind !== 'part') return
        expect(range.start).toBeGreaterThanOrEqual(0)
        expect(range.start).toBeLessThanOrEqual(range.end)
        expect(range.end).toBeLessThan(size)
      }),
    )
  })

  test.each([
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=1',
    'bytes=+1-2',
    'bytes=1.0-2',
    'bytes=0x1-2',
    'bytes=0-1,2-3',
    'bytes=0-1,',
    'bytes=--1',
    'bytes 0-1',
    'items=0-1',
    'xbytes=0-1',
    'bytes=١-٢',
  ])('ignores %j', (header) => {
    expect(parseByteRange(header, 10)).toEqual({ kind: 'whole' })
  })

  test('the unit has no case, and blanks around the range do not count', () => {
    expect(parseByteRange('Bytes= 2-3 ', 10)).toEqual({ kind: 'part', start: 2, end: 3 })
  })

  test('numbers without end stay bounded', () => {
    const many = '9'.repeat(10_000)
    expect(parseByteRange(`bytes=0-${many}`, 10)).toEqual({ kind: 'part', start: 0, end: 9 })
    expect(parseByteRange(`bytes=-${many}`, 10)).toEqual({ kind: 'part', start: 0, end: 9 })
    expect(parseByteRange(`bytes=${many}-`, 10)).toEqual({ kind: 'unsatisfiable' })
  })
})

describe('parseContentRange', () => {
  test('reads both spellings', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (start, length) => {
        const end = start + length
        for (const header of [`${start}-${end}`, `bytes ${start}-${end}/*`, `bytes ${start}-${end}/${end + 1}`]) {
          expect(parseContentRange(header)).toEqual({ start, end })
        }
      }),
    )
  })

  test.each([
    '',
    '-',
    '5-',
    '-5',
    '5-4',
    '0-1-2',
    'a-b',
    '-1-2',
    '0 - 1',
    'bytes 0-1',
    'bytes=0-1',
    'bytes */10',
    'bytes 0-9/9',
    'bytes 0-1/x',
    'items 0-1/*',
    `0-${'9'.repeat(400)}`,
    '0-9007199254740992',
  ])('refuses %j', (header) => {
    expect(parseContentRange(header)).toBeUndefined()
  })
})
