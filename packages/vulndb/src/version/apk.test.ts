import { expect, test } from 'vitest'
import { compareApk, parseApk } from './apk.ts'
import { byText, checkOrder, versionTexts } from './fixture.ts'

const pieces = ['.', '.0', 'a', 'b', '_alpha', '_rc', '_p', '_git', '-r']
const texts = versionTexts(pieces).filter((text) => parseApk(text) !== undefined)

const compare = byText(parseApk, compareApk)

test.each([
  ['1.0_alpha1', '1.0_beta'],
  ['1.0_rc1', '1.0'],
  ['1.0', '1.0_p1'],
  ['1.0_git20200101', '1.0_p1'],
  ['1.0-r0', '1.0-r1'],
  ['1.0-r9', '1.0-r10'],
  ['1.0', '1.0a'],
  ['1.0a', '1.0b'],
  ['1.01', '1.1'],
  ['1.1', '1.1.1'],
  ['1.9', '1.10'],
  ['7.65.0-r0', '7.66.0-r0'],
  ['1.0_rc1-r5', '1.0-r0'],
])('%s is older than %s', (a, b) => {
  expect(compare(a, b)).toBeLessThan(0)
  expect(compare(b, a)).toBeGreaterThan(0)
})

test.each(['1.0_what', '1.0-', '1a.1', '1.0-r1.2', '1.0A', '1.0 1', '1.0_rc_'])('%s is no version', (text) => {
  expect(parseApk(text)).toBeUndefined()
})

test('it is an order', () => {
  checkOrder(texts, compare)
})
