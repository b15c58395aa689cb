import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareDeb, parseDeb } from './deb.ts'
import { byText, checkOrder, differences, samplePairs, versionTexts } from './fixture.ts'

const compare = byText(parseDeb, compareDeb)
const pieces = ['.', '-', '+', '~', 'a', 'Z', 'deb', 'ubuntu', 'rc', '~~', '+b', '-0', ':']
const texts = fc
  .tuple(fc.constantFrom('', '0:', '1:', '2:'), fc.nat({ max: 3 }), versionTexts(pieces))
  .map(([epoch, first, rest]) => `${epoch}${first}${rest}`)
  .filter((text) => parseDeb(text) !== undefined && !text.endsWith('-'))

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
  checkOrder(texts, compare)
})

// `Dpkg::Version` is dpkg's own order, and one process compares any number of pairs.
const perl = 'while (<STDIN>) { chomp; my ($a, $b) = split / /; print version_compare($a, $b), "\\n" }'

test('it is the order of dpkg', ({ skip }) => {
  const pairs = samplePairs(texts, 5_000)
  const wrong = differences(compare, pairs, ['perl', '-MDpkg::Version', '-e', perl])
  if (wrong === undefined) {
    console.log('perl with Dpkg::Version is not here: the order of deb was not compared with dpkg')
    skip()
  }
  console.log(`deb: ${pairs.length} pairs, ${wrong?.length} wrong`)
  expect(wrong).toEqual([])
})
