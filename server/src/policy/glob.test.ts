import { expect, it, test } from 'vitest'
import { globProblem, matchesGlob } from './glob.ts'

test.each([
  ['app', 'app', true],
  ['app', 'apps', false],
  ['*', 'app', true],
  ['*', 'team/app', false],
  ['**', 'team/app', true],
  ['team/*', 'team/app', true],
  ['team/*', 'team/app/x', false],
  ['team/**', 'team/app/x', true],
  ['team/**', 'team', true],
  ['**/app', 'app', true],
  ['**/app', 'a/b/app', true],
  ['**/app', 'a/b/apps', false],
  ['pay*-api', 'payments-api', true],
  ['pay*-api', 'pay-api', true],
  ['pay*i*-api', 'pa-api', false],
  ['a*a', 'a', false],
  ['a*b*c', 'axbxc', true],
  ['a*b*c', 'axcxb', false],
  ['a.c', 'abc', false],
])('%s fits %s: %s', (pattern, name, fits) => {
  expect(matchesGlob(pattern, name)).toBe(fits)
})

it('does not take long over a pattern made to take long', () => {
  const name = 'a'.repeat(255)
  expect(matchesGlob(`${'a*'.repeat(120)}b`, name)).toBe(false)
  expect(matchesGlob('**/a/**/a/**/b', Array(127).fill('a').join('/'))).toBe(false)
})

test.each([
  ['', 'empty'],
  ['a//b', 'empty part'],
  ['App', 'lower-case'],
  ['a**', 'inside'],
  ['**/**/**/**', 'too many'],
  ['a'.repeat(256), 'more than'],
])('%s is refused', (pattern, problem) => {
  expect(globProblem(pattern)).toMatch(problem === 'empty' ? /./ : problem)
})

it('takes what repositories are called', () => {
  expect(['app', 'team/*', '**', 'a_b/c-d.e/**'].map(globProblem)).toEqual([undefined, undefined, undefined, undefined])
})
