import { describe, expect, test } from 'vitest'
import type { Advisory } from '../database/record.ts'
import { answer } from './answer.ts'
import type { Question, Rule } from './model.ts'

function ask(rule: Rule, version: string, advisory: Advisory, arch = ''): string | undefined {
  const question: Question = { bucket: 'b', name: 'n', version, rule, arch }
  const groups = () => [{ bucket: 'b', name: 'n', advisories: [{ id: 'CVE-1', value: advisory }] }]
  const [match] = answer(question, { groups })
  return match && `${match.fixedVersion || 'none'} ${match.status}`
}

describe('distributions', () => {
  test.each<[Rule, string, Advisory, string | undefined]>([
    ['debian', '1.0-1', { FixedVersion: '1.0-2' }, '1.0-2 fixed'],
    ['debian', '1.0-2', { FixedVersion: '1.0-2' }, undefined],
    ['debian', '1.0-1', {}, 'none affected'],
    ['debian', '1.0-1', { Status: 5 }, 'none will_not_fix'],
    ['debian', '1.0-1', { Status: 99 }, 'none affected'],
    ['debian', '1.0-1', { FixedVersion: 'what' }, undefined],
    ['debian', 'what', {}, undefined],
    ['ubuntu', '1.0-1', {}, 'none affected'],
    ['ubuntu', '1.0-1', { FixedVersion: '1.0-1ubuntu1' }, '1.0-1ubuntu1 fixed'],
    ['alpine', '1.0-r0', { FixedVersion: '1.0-r1' }, '1.0-r1 fixed'],
    ['alpine', '1.0-r0', { FixedVersion: '0' }, undefined],
    ['alpine', '1.0-r0', {}, 'none affected'],
    ['alpine', '1.0-r0', { AffectedVersion: '1.1', FixedVersion: '1.2' }, undefined],
    ['alpine', '1.1-r0', { AffectedVersion: '1.1', FixedVersion: '1.2' }, '1.2 fixed'],
    ['alpine', '1.1-r0', { AffectedVersion: 'what', FixedVersion: '1.2' }, undefined],
    ['apk', '1.0-r0', { FixedVersion: '1.0-r1' }, '1.0-r1 fixed'],
    ['apk', '1.0-r0', {}, undefined],
    ['rpm', '1.0-1', { FixedVersion: '0:1.0-2' }, '1.0-2 fixed'],
    ['rpm', '1:1.0-1', { FixedVersion: '1.0-2' }, undefined],
    ['rpm', '1.0-1', {}, undefined],
    ['amazon', '1.0-1', { FixedVersion: '1.0-2' }, '1.0-2 fixed'],
    ['amazon', '1.0-1', {}, undefined],
    ['azure', '1.0-1', { FixedVersion: '0:1.0-2' }, '1.0-2 fixed'],
    ['azure', '1.0-3', { FixedVersion: '0:1.0-2' }, undefined],
    ['azure', '1.0-1', {}, 'none affected'],
  ])('%s %s %j: %s', (rule, version, advisory, expected) => {
    expect(ask(rule, version, advisory)).toBe(expected)
  })

  const entries: Advisory = {
    FixedVersion: '1.0-9',
    Entries: [
      { FixedVersion: '1.0-2', Arches: ['x86_64'], VendorIDs: ['A'] },
      { FixedVersion: '1.0-3', Arches: ['x86_64', 'aarch64'], VendorIDs: ['B'] },
    ],
  }
  test.each<[Rule, string, string, Advisory, string | undefined]>([
    ['rpm-arches', '1.0-1', 'x86_64', entries, '1.0-3 fixed'],
    ['rpm-arches', '1.0-2', 'x86_64', entries, '1.0-3 fixed'],
    ['rpm-arches', '1.0-3', 'x86_64', entries, undefined],
    ['rpm-arches', '1.0-1', 's390x', entries, undefined],
    ['rpm-arches', '1.0-1', 's390x', { FixedVersion: '1.0-9' }, '1.0-9 fixed'],
    ['oracle', '1.0-1', 'aarch64', entries, '1.0-3 fixed'],
    ['oracle', '1.0-1', 'noarch', entries, undefined],
    ['oracle', '1.0-1.ksplice1', 'x86_64', entries, undefined],
    ['oracle', '1.0-1.ksplice1', 'x86_64', { FixedVersion: '2:1.0-2.ksplice1' }, '2:1.0-2.ksplice1 fixed'],
    ['oracle', '1.0-1_fips', 'x86_64', { FixedVersion: '10:1.0-2_fips' }, '10:1.0-2_fips fixed'],
    ['oracle', '1.0-1', 'x86_64', { FixedVersion: '10:1.0-2_fips' }, undefined],
    ['oracle', '1.0-1', 'x86_64', { Entries: [{ Arches: ['x86_64'] }] }, 'none affected'],
  ])('%s %s on %s', (rule, version, arch, advisory, expected) => {
    expect(ask(rule, version, advisory, arch)).toBe(expected)
  })

  test('the IDs of all entries that hold are told for Oracle, newest fix last or first', () => {
    const question: Question = { bucket: 'b', name: 'n', version: '1.0-1', rule: 'oracle', arch: 'x86_64' }
    const both = [entries, { Entries: [...(entries.Entries ?? [])].reverse() }]
    const answers = both.map((value) =>
      answer(question, { groups: () => [{ bucket: 'b', name: 'n', advisories: [{ id: 'CVE-1', value }] }] }),
    )
    expect(answers.map(([match]) => match?.fixedVersion)).toEqual(['1.0-3', '1.0-3'])
    expect(answers.map(([match]) => match?.vendorIds)).toEqual([
      ['A', 'B'],
      ['B', 'A'],
    ])
  })
})

describe('language packages', () => {
  test.each<[Rule, string, Advisory, string | undefined]>([
    ['npm', '1.0.0', { VulnerableVersions: ['<1.1.0'] }, '1.1.0 fixed'],
    ['npm', '1.1.0', { VulnerableVersions: ['<1.1.0'] }, undefined],
    ['npm', '1.0.0', { VulnerableVersions: ['<=1.1.0'] }, 'none affected'],
    ['npm', '1.0.0', { VulnerableVersions: ['<0.5.0', '>=1.0.0, <1.1.0', '<1.1.0'] }, '0.5.0, 1.1.0 fixed'],
    ['npm', '1.0.0', { VulnerableVersions: ['<2.0.0'], PatchedVersions: ['>=1.0.0'] }, undefined],
    ['npm', '0.9.0', { VulnerableVersions: ['<2.0.0'], PatchedVersions: ['1.0.0', '1.0.0', '3'] }, '1.0.0, 3 fixed'],
    ['npm', '0.9.0', { PatchedVersions: ['>=1.0.0'] }, '>=1.0.0 fixed'],
    ['npm', '0.9.0', { PatchedVersions: ['>=1.0.0'], UnaffectedVersions: ['<1.0.0'] }, undefined],
    ['npm', '0.9.0', { UnaffectedVersions: ['>=1.0.0'] }, 'none affected'],
    ['npm', '0.9.0', {}, undefined],
    // Nothing said in a list means every version.
    ['npm', '0.9.0', { VulnerableVersions: [''] }, 'none affected'],
    ['npm', '0.9.0', { PatchedVersions: [''] }, 'none affected'],
    // What can't be read does not hold.
    ['npm', 'what', { VulnerableVersions: ['<1.1.0'] }, undefined],
    ['npm', '1.0.0', { VulnerableVersions: ['<1.1.0', 'what ever'] }, undefined],
    ['npm', '1.0.0', { PatchedVersions: ['what ever'] }, undefined],
    ['pip', '1.0', { VulnerableVersions: ['<1.1'] }, '1.1 fixed'],
    ['gem', '1.0', { PatchedVersions: ['~> 0.9.5', '>= 1.1'] }, '~> 0.9.5, >= 1.1 fixed'],
    ['maven', '2.9.9', { VulnerableVersions: ['[2.9.0,2.9.10)'] }, 'none affected'],
    ['generic', 'v0.3.5', { VulnerableVersions: ['< 0.3.7'], PatchedVersions: ['0.3.7'] }, '0.3.7 fixed'],
  ])('%s %s %j: %s', (rule, version, advisory, expected) => {
    expect(ask(rule, version, advisory)).toBe(expected)
  })

  test('the last bucket that knows an ID decides, also that it does not hold', () => {
    const question: Question = { bucket: 'npm::', name: 'n', version: '1.0.0', rule: 'npm', arch: '' }
    const vulnerable: Advisory = { VulnerableVersions: ['<2.0.0'] }
    const fixed: Advisory = { VulnerableVersions: ['<1.0.0'] }
    const groups = () => [
      {
        bucket: 'npm::A',
        name: 'n',
        advisories: [
          { id: 'CVE-2', value: vulnerable },
          { id: 'CVE-1', value: vulnerable },
        ],
      },
      {
        bucket: 'npm::B',
        name: 'n',
        advisories: [
          { id: 'CVE-2', value: fixed },
          { id: 'CVE-3', value: vulnerable },
        ],
      },
    ]
    expect(answer(question, { groups }).map(({ id, bucket }) => `${id} ${bucket}`)).toEqual([
      'CVE-1 npm::A',
      'CVE-3 npm::B',
    ])
  })
})

test("a severity of the package's own is Debian's word, and nobody else's", () => {
  const value: Advisory = { Severity: 1, VendorIDs: ['DSA-1'] }
  const groups = () => [{ bucket: 'b', name: 'n', advisories: [{ id: 'CVE-1', value }] }]
  const found = (['debian', 'ubuntu'] as const).map(
    (rule) => answer({ bucket: 'b', name: 'n', version: '1', rule, arch: '' }, { groups })[0],
  )
  expect(found[0]).toMatchObject({ severity: 'LOW', severitySource: 'debian', vendorIds: ['DSA-1'] })
  expect(found[1]).toMatchObject({ severity: undefined, severitySource: '', vendorIds: [] })
})
