import { expect, test } from 'vitest'
import { byText, checkOrder, rpmTexts } from './fixture.ts'
import { compareRpm, formatRpm, parseRpm } from './rpm.ts'

const compare = byText(parseRpm, compareRpm)
test.each([
  ['1.0~rc1', '1.0'],
  ['1.0', '1.0^git1'],
  ['1.0^git1', '1.0.1'],
  ['1.0^git1~rc', '1.0^git1'],
  ['1.0a', '1.0.1'],
  ['a', '1'],
  ['9', '10'],
  ['2.0-1', '1:1.0-1'],
  ['1.0', '1.0-1'],
  ['1.0-1.el8', '1.0-1.el8_5'],
])('%s is older than %s', (a, b) => {
  expect(compare(a, b)).toBeLessThan(0)
  expect(compare(b, a)).toBeGreaterThan(0)
})

test.each([
  ['0:1.0-1', '1.0-1'],
  ['1.0', '1_0'],
  ['1.05', '1.5'],
  ['x:1', '1'],
])('%s and %s are equal', (a, b) => {
  expect(compare(a, b)).toBe(0)
})

test('an epoch of 0 is not shown', () => {
  expect(['0:1.0-2', '1:1.0-2', '1.0'].map((text) => formatRpm(parseRpm(text)))).toEqual(['1.0-2', '1:1.0-2', '1.0'])
})

test('it is an order', () => {
  checkOrder(rpmTexts, compare)
})
