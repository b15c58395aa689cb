import { expect, test } from 'vitest'
import { byText, checkOrder, versionTexts } from './fixture.ts'
import { compareGeneric, parseGeneric, satisfiesGeneric } from './generic.ts'

const compare = byText(parseGeneric, compareGeneric)

test.each([
  ['1.2.3', '1.10'],
  ['1.2-rc1', '1.2'],
  ['1.2beta', '1.2'],
  ['1.0.0-alpha', '1.0.0-alpha.1'],
  ['1.0.0-1', '1.0.0-alpha'],
  ['1.0.0-alpha.2', '1.0.0-alpha.10'],
  ['v0.3.5', '0.3.7'],
  ['v0.0.0-20210101000000-abcdefabcdef', '0.0.0'],
  ['1.2.3', '1.2.3.1'],
])('%s is older than %s', (a, b) => {
  expect(compare(a, b)).toBeLessThan(0)
  expect(compare(b, a)).toBeGreaterThan(0)
})

test.each([
  ['1', '1.0.0'],
  ['v1.2', '1.2'],
  ['3.2.0+incompatible', '3.2.0'],
])('%s and %s are equal', (a, b) => {
  expect(compare(a, b)).toBe(0)
})

test.each(['', 'x', '1.x', '1..2', '(devel)', '1.2.3 4', '9'.repeat(300)])('%s is no version', (text) => {
  expect(parseGeneric(text)).toBeUndefined()
})

test('it is an order', () => {
  const texts = versionTexts(['.', '-', 'rc', 'a', '~', '+', '-1', '.b']).filter(
    (one) => parseGeneric(one) !== undefined,
  )
  checkOrder(texts, compare)
})

test.each([
  ['1.5', '>= 1.0, < 2.0', true],
  ['1.5', '>=1.0 <2.0', true],
  ['2.0', '>=1.0 <2.0', false],
  ['2.1', '<1.0 || >=2.0', true],
  ['1.2', '1.2.0', true],
  ['1.2', '= 1.3', false],
  ['1.2', '!= 1.3', true],
  ['1.2', '=> 1.2', true],
  ['1.2', '=< 1.1', false],
  // `~>`: the last part but one may not go up.
  ['1.9', '~> 1.2', true],
  ['2.0', '~> 1.2', false],
  ['1.2.9', '~> 1.2.3', true],
  ['1.3.0', '~> 1.2.3', false],
  ['4', '~> 3', false],
  // `~`
  ['1.2.9', '~1.2', true],
  ['1.3', '~1.2', false],
  ['1.3.0', '~1.2.3', false],
  // `^`
  ['1.9.9', '^1.2.3', true],
  ['2.0.0', '^1.2.3', false],
  ['0.2.9', '^0.2.3', true],
  ['0.3.0', '^0.2.3', false],
  ['0.0.4', '^0.0.3', false],
  ['0.0.9', '^0.0', true],
  ['0.1.0', '^0.0', false],
  // A pre-release is below its release, and counts.
  ['2.0.0-rc1', '< 2.0.0', true],
  ['2.0.0-rc1', '>= 2.0.0', false],
  ['1.2', '> what', undefined],
  ['1.2', '', undefined],
  ['(devel)', '< 2', undefined],
])('%s in %s: %s', (version, range, expected) => {
  expect(satisfiesGeneric(version, range)).toBe(expected)
})
