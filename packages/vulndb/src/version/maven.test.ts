import { expect, test } from 'vitest'
import { byText, checkPairs, versionTexts } from './fixture.ts'
import { compareMaven, parseMaven, satisfiesMaven } from './maven.ts'

const compare = byText(parseMaven, compareMaven)

// From Maven's version order specification.
test.each([
  ['1', '1.1'],
  ['1-snapshot', '1'],
  ['1', '1-sp'],
  ['1-foo2', '1-foo10'],
  ['1.foo', '1-1'],
  ['1-1', '1.1'],
  ['1-alpha', '1-beta'],
  ['1-beta', '1-milestone'],
  ['1-milestone', '1-rc'],
  ['1-rc', '1-snapshot'],
  ['1-sp', '1-abc'],
  ['1-abc', '1-xyz'],
  ['2.9.10.3', '2.9.10.4'],
  ['1.0-alpha-1', '1.0'],
  ['5.3.9.RELEASE', '5.3.18'],
])('%s is older than %s', (a, b) => {
  expect(compare(a, b)).toBeLessThan(0)
  expect(compare(b, a)).toBeGreaterThan(0)
})

test.each([
  ['1', '1.0'],
  ['1', '1-ga'],
  ['1', '1.0.0-final'],
  ['1-a1', '1-alpha-1'],
  ['1-cr', '1-rc'],
  ['1.0.RC2', '1.0-rc2'],
  ['1.0.0.RELEASE', '1'],
])('%s and %s are equal', (a, b) => {
  expect(compare(a, b)).toBe(0)
})

test("it goes in circles where Maven's own does: where a word or a zero that says nothing stands in the middle", () => {
  for (const [a, b, c] of [
    ['0sp.', '0final0rc', '0'],
    ['0-0a0', '0.', '0sp0'],
  ] as const) {
    expect([compare(a, b), compare(b, c), compare(a, c)].map(Math.sign)).toEqual([-1, -1, 1])
  }
})

test('both ways of a comparison agree', () => {
  const texts = versionTexts(['.', '-', 'a', 'rc', 'foo', 'sp', 'final', 'snapshot']).filter((text) => /^\d/.test(text))
  checkPairs(texts, compare)
})

test.each([
  ['1.5', '>= 1.0, < 2.0', true],
  ['2.0', '>= 1.0, < 2.0', false],
  ['2.0', '< 1.0 || >= 2.0', true],
  ['2.9.10', '[2.9.0,2.9.10.7)', true],
  ['2.9.10.7', '[2.9.0,2.9.10.7)', false],
  ['1.0', '(,1.0]', true],
  ['1.1', '(,1.0]', false],
  ['9', '(1.0,)', true],
  ['1.2', '[1.2]', true],
  ['1.2.1', '[1.2]', false],
  ['3', '[1,2),[3,4)', true],
  ['1.2', '1.2', true],
  ['1.2', '> what?', undefined],
  ['1.2', '[1,2,3]', undefined],
  ['1.2', '', undefined],
  ['', '< 2', undefined],
])('%s in %s: %s', (version, range, expected) => {
  expect(satisfiesMaven(version, range)).toBe(expected)
})
