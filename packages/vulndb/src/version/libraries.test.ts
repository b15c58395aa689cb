import { describe, expect, test } from 'vitest'
import { satisfiesGem } from './gem.ts'
import { satisfiesNpm } from './npm.ts'
import { satisfiesPip } from './pip.ts'

describe('npm', () => {
  test.each([
    ['3.3.9', '< 3.4.0', true],
    ['3.4.0', '< 3.4.0', false],
    ['1.2.3', '>=1.0.0, <2.0.0', true],
    ['1.2.3', '<1.0.0 || >=1.2.0', true],
    ['2.0.0-beta.1', '<2.0.0', true],
    ['2.0.0-beta.1', '>=1.0.0', true],
    ['1.2.3', '=> 1.2.0', true],
    ['1.2.3', '== 1.2.3', true],
    ['1.2.3', '~1.2.0', true],
    ['1.2.3', '^0.2.0', false],
    ['1.2.3', '1.2.x', true],
    ['1.2.3', 'what ever', undefined],
    ['not', '<1', undefined],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(satisfiesNpm(version, range)).toBe(expected)
  })
})

describe('pip', () => {
  test.each([
    ['1.5', '>=1.0,<2.0', true],
    ['2.0', '>=1.0,<2.0', false],
    ['2.0rc1', '<2.0', true],
    ['2.0rc1+local', '<2.0', false],
    ['2.0rc1', '<2.0rc2', true],
    ['2.0rc1', '>=1.0', true],
    ['1.9.dev1', '<2.0', true],
    ['1.0.post1', '>1.0', false],
    ['1.0.post2', '>1.0.post1', true],
    ['1.0+local', '<=1.0', true],
    ['1.0+local', '>1.0', false],
    ['1.0+local', '==1.0', true],
    ['1.2.3', '==1.2.*', true],
    ['1.3', '!=1.2.*', true],
    ['1', '==1.0.*', true],
    ['1.2.5', '~=1.2.3', true],
    ['1.3', '~=1.2.3', false],
    ['1.0', '=1.0.0', true],
    ['1.0', '1.0', true],
    ['1!1.0', '<2.0', false],
    ['1.0', '*', true],
    ['1.0', '<0.5 || >=1.0', true],
    ['1.0', '<1.*', false],
    ['1.0', '>= what', undefined],
    ['1.0', '>=1.0 what', undefined],
    ['what', '<1', undefined],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(satisfiesPip(version, range)).toBe(expected)
  })
})

describe('gem', () => {
  test.each([
    ['1.5', '>= 1.0, < 2.0', true],
    ['2.0.0.rc1', '< 2.0', true],
    ['2.0.0.rc1', '>= 2.0', false],
    ['5.2.4.3', '~> 5.2.4, >= 5.2.4.3', true],
    ['5.2.5', '~> 5.2.4', true],
    ['5.3.0', '~> 5.2.4', false],
    ['6.0.3.1', '~> 5.2.4.3 || >= 6.0.3.1', true],
    ['1.0', '1.0.0', true],
    ['1.0', '= 1.0.0', true],
    ['1.0', '!= 1.0', false],
    ['1.10', '> 1.9', true],
    ['1.0', '> what', undefined],
    ['what', '< 1', undefined],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(satisfiesGem(version, range)).toBe(expected)
  })
})
