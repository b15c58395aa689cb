import { expect, test } from 'vitest'
import { compareDeb, parseDeb } from './deb.ts'
import { byText, checkOrder, debTexts } from './fixture.ts'

const compare = byText(parseDeb, compareDeb)
test.each([
  ['1.0~rc1', '1.0'],
  ['1.0', '1.0a'],
  ['1.0a', '1.0+'],
  ['1.0', '1.0-1'],
  ['1.0-1', '1.0-1+b1'],
  ['1.9', '1.10'],
  ['9', '1:1'],
  ['1.2.3-1~deb11u1', '1.2.3-1'],
  ['2.2.10-2', '2.2.10-2+deb11u1'],
])('%s is older than %s', (a, b) => {
  expect(compare(a, b)).toBeLessThan(0)
  expect(compare(b, a)).toBeGreaterThan(0)
})

test.each([
  ['0:1.0', '1.0'],
  ['1.0-0', '1.0'],
  ['1.01', '1.1'],
  [' 1.0 ', '1.0'],
])('%s and %s are equal', (a, b) => {
  expect(compare(a, b)).toBe(0)
})

test.each(['', 'a1', '-1', '1.0 2', 'x:1', '1:', '1/2', '1-2/3'])('%j is no version', (text) => {
  expect(parseDeb(text)).toBeUndefined()
  expect(compare(text, '1')).toBeNaN()
})

test('it is an order', () => {
  checkOrder(debTexts, compare)
})
