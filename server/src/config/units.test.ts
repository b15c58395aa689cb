import { assert, constantFrom, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, formatSize, parseDuration, parseSize } from './units.ts'

test.each([
  ['64MiB', 64 * 2 ** 20],
  ['1.5 KiB', 1536],
  ['0B', 0],
  ['1TiB', 2 ** 40],
  ['1.5B', undefined],
  ['64MB', undefined],
  ['64', undefined],
  ['-1B', undefined],
  ['1e3B', undefined],
  ['', undefined],
])('%s as bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes))

test.each([
  ['24h', 86_400_000],
  ['1.5s', 1500],
  ['10ms', 10],
  ['7d', 604_800_000],
  ['1w', undefined],
  ['1', undefined],
])('%s as milliseconds', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds))

test('what is formatted reads back', () => {
  const factor = constantFrom(1, 2 ** 10, 2 ** 20, 1000, 60_000)
  assert(
    property(integer({ min: 0, max: 2 ** 20 }), factor, (amount, unit) => {
      expect(parseSize(formatSize(amount * unit))).toBe(amount * unit)
      expect(parseDuration(formatDuration(amount * unit))).toBe(amount * unit)
    }),
  )
})
