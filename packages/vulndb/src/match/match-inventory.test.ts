import type { ImageInventory, Package } from '@breakwater/inventory'
import { describe, expect, test } from 'vitest'
import { VulnDb } from '../database/vuln-db.ts'
import { databaseFiles } from '../fixture.ts'
import { bytesAccess } from '../random-access.ts'
import { uncoveredOf } from './coverage.ts'
import { matchInventory } from './match-inventory.ts'

const database = new VulnDb(
  bytesAccess(
    databaseFiles({
      buckets: {
        'debian 12': {
          openssl: { 'CVE-2': { FixedVersion: '3.0.2' }, 'CVE-1': { FixedVersion: '3.0.2' }, 'CVE-3': {} },
          zlib: { 'CVE-4': { FixedVersion: '0.1' } },
        },
        'npm::Z': { lodash: { 'CVE-9': { VulnerableVersions: ['<4.17.0'] } } },
      },
      vulnerabilities: { 'CVE-2': { VendorSeverity: { nvd: 4 } }, 'CVE-3': { VendorSeverity: { nvd: 4 } } },
      dataSources: { 'debian 12': { ID: 'debian' }, 'npm::Z': { ID: 'z' } },
    }).database,
  ),
)

function packageOf(given: Partial<Package>): Package {
  const one: Package = { type: 'debian', name: 'libssl3', version: '3.0.1', purl: 'pkg:x', layer: 'sha256:0', ...given }
  return one
}

function inventoryOf(packages: readonly Package[], family = 'debian', name = '12.5'): ImageInventory {
  return { os: { family, name }, repositoryRelease: undefined, packages, notCovered: [], partial: [] }
}

describe('findings', () => {
  const ssl = packageOf({ sourceName: 'openssl', sourceVersion: '3.0.1' })
  const lodash = packageOf({ type: 'node-pkg', name: 'lodash', version: '4.16.0', path: 'b/package.json' })

  test('come by package, then the severest first, then by ID', () => {
    const zlib = packageOf({ name: 'zlib1g', sourceName: 'zlib', sourceVersion: '1.2' })
    const found = matchInventory(inventoryOf([lodash, zlib, ssl, { ...ssl, name: 'openssl' }]), database)
    expect(found.map(({ package: one, id, severity }) => `${one.name} ${id} ${severity}`)).toEqual([
      'libssl3 CVE-2 CRITICAL',
      'libssl3 CVE-3 CRITICAL',
      'libssl3 CVE-1 UNKNOWN',
      'lodash CVE-9 UNKNOWN',
      'openssl CVE-2 CRITICAL',
      'openssl CVE-3 CRITICAL',
      'openssl CVE-1 UNKNOWN',
    ])
    expect(found[0]).toMatchObject({
      fixedVersion: '3.0.2',
      status: 'fixed',
      dataSource: 'debian',
      severitySource: 'nvd',
    })
    expect(found[3]).toMatchObject({ fixedVersion: '4.17.0', dataSource: 'z', bucket: 'npm::Z' })
  })

  test('are told for every file, and once for each', () => {
    const found = matchInventory(inventoryOf([lodash, lodash, { ...lodash, path: 'a/package.json' }]), database)
    expect(found.map(({ package: one }) => one.path)).toEqual(['a/package.json', 'b/package.json'])
  })
})

describe('what is not covered', () => {
  const buckets = database.buckets()

  test('nothing, where the database has the release and the ecosystem', () => {
    expect(uncoveredOf(inventoryOf([packageOf({}), packageOf({ type: 'node-pkg' })]), buckets)).toEqual([])
  })

  test.each([
    ['debian', '14.0', { type: 'debian', what: 'debian 14.0', gap: 'no-advisories' }],
    ['redhat', '9.4', { type: 'redhat', what: 'redhat 9.4', gap: 'unsupported' }],
    ['plan9', '', { type: 'plan9', what: 'plan9', gap: 'unsupported' }],
  ] as const)('the distribution %s %s', (family, name, expected) => {
    expect(uncoveredOf(inventoryOf([packageOf({ type: family })], family, name), buckets)).toEqual([expected])
  })

  test('kinds of packages without rules, or without advisories, each once', () => {
    const packages = ['gobinary', 'conda-pkg', 'node-pkg', 'conda-pkg'].map((type) => packageOf({ type }))
    expect(uncoveredOf({ ...inventoryOf(packages), os: undefined }, buckets)).toEqual([
      { type: 'conda-pkg', what: 'conda-pkg', gap: 'unsupported' },
      { type: 'gobinary', what: 'gobinary', gap: 'no-advisories' },
    ])
  })

  test('packages of a distribution that is not known', () => {
    expect(uncoveredOf({ ...inventoryOf([packageOf({})]), os: undefined }, buckets)).toEqual([
      { type: 'debian', what: 'debian', gap: 'unsupported' },
    ])
  })
})
