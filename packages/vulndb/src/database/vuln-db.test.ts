import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type BoltTree, boltFile } from '../bolt/fixture.ts'
import { type DatabaseContent, databaseFiles } from '../fixture.ts'
import { bytesAccess } from '../random-access.ts'
import { openVulnDb, VulnDb } from './vuln-db.ts'

const content: DatabaseContent = {
  buckets: {
    'debian 12': { openssl: { 'CVE-2': { FixedVersion: '3.0.1' }, 'CVE-1': { Severity: 1, Status: 5 } } },
    'npm::B': { jquery: { 'CVE-3': { VulnerableVersions: ['< 3'] } } },
    'npm::A': { jquery: { 'CVE-3': {} }, lodash: { 'CVE-4': {} } },
  },
  vulnerabilities: {
    'CVE-1': {
      Title: 'A fault',
      VendorSeverity: { nvd: 3 },
      CVSS: { nvd: { V3Score: 7.5, V3Vector: 'CVSS:3.1/AV:N' } },
      References: ['https://example.test/'],
    },
  },
  dataSources: { 'debian 12': { ID: 'debian', Name: 'Debian Security Tracker', URL: 'https://example.test/' } },
}

function open(tree: BoltTree): VulnDb {
  return new VulnDb(bytesAccess(boltFile(tree)))
}

describe('a sound database', () => {
  const database = new VulnDb(bytesAccess(databaseFiles(content).database))

  test('gives every group in byte order', () => {
    const groups = [...database.allGroups()]
    expect(groups.map(({ bucket, name }) => `${bucket} > ${name}`)).toEqual([
      'debian 12 > openssl',
      'npm::A > jquery',
      'npm::A > lodash',
      'npm::B > jquery',
    ])
    expect(groups[0]?.advisories).toEqual([
      { id: 'CVE-1', value: { Severity: 1, Status: 5 } },
      { id: 'CVE-2', value: { FixedVersion: '3.0.1' } },
    ])
    expect(database.buckets()).toEqual(['debian 12', 'npm::A', 'npm::B'])
  })

  test('gives details and sources', () => {
    const id = 'CVE-1'
    const value = content.vulnerabilities?.[id]
    expect([...database.allVulnerabilities()]).toEqual([{ id, value }])
    expect([...database.allDataSources()]).toEqual([{ bucket: 'debian 12', value: content.dataSources?.['debian 12'] }])
    expect(database.vulnerability(id)).toEqual(value)
    expect(database.vulnerability('CVE-9')).toBeUndefined()
    expect(database.dataSource('debian 12')?.ID).toBe('debian')
    expect(database.dataSource('npm::A')).toBeUndefined()
  })

  test('gives the groups of a name: of one bucket, or of all with a prefix', () => {
    expect(database.groups('debian 12', 'openssl')).toHaveLength(1)
    expect(database.groups('npm::', 'jquery').map(({ bucket }) => bucket)).toEqual(['npm::A', 'npm::B'])
    expect(database.groups('npm::', 'react')).toEqual([])
    expect(database.groups('debian 13', 'openssl')).toEqual([])
    expect(database.groups('vulnerability', 'CVE-1')).toEqual([])
    expect(database.groups('debian 12', '')).toEqual([])
  })

  test('is read from a file, and not after it is closed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vulndb-'))
    const path = join(folder, 'trivy.db')
    await writeFile(path, databaseFiles(content).database)
    const file = openVulnDb(path)
    expect([...file.allGroups()]).toHaveLength(4)
    file[Symbol.dispose]()
    expect(() => file.vulnerability('CVE-1')).toThrow(expect.objectContaining({ code: 'damaged' }))
    await writeFile(path, 'nothing')
    expect(() => openVulnDb(path)).toThrow(expect.objectContaining({ code: 'not-bolt' }))
    await rm(folder, { recursive: true })
  })

  test('keeps the CPEs of Red Hat', () => {
    const groups = [
      ...open({
        'Red Hat CPE': { cpe: { '7': 'cpe:/o:redhat:enterprise_linux:8' }, repository: { 'rhel-8': '[7, 9]' } },
      }).allGroups(),
    ]
    expect(groups.map(({ name, advisories }) => [name, advisories])).toEqual([
      ['cpe', [{ id: '7', value: { Cpe: 'cpe:/o:redhat:enterprise_linux:8' } }]],
      ['repository', [{ id: 'rhel-8', value: { Affected: [7, 9] } }]],
    ])
  })

  test('takes null for an empty record, keys in any case, and leaves out what it does not know', () => {
    const stored = '{"Entries":[{"VendorIds":["A"],"Arches":null,"FixedVersion":"1"}],"Custom":{"a":1},"Status":99}'
    const [group] = open({ 'rocky 8': { bash: { 'CVE-1': 'null', 'CVE-2': stored } } }).allGroups()
    expect(group?.advisories.map(({ value }) => value)).toEqual([
      {},
      { Entries: [{ VendorIDs: ['A'], FixedVersion: '1' }], Status: 99 },
    ])
  })

  test('makes text storable', () => {
    const [found] = open({ vulnerability: { 'CVE-1': '{"Title":"a\\u0000b\\ud800"}' } }).allVulnerabilities()
    expect(found?.value.Title).toBe('a\ufffdb\ufffd')
  })

  test('keys of tables are data', () => {
    const stored = '{"VendorSeverity":{"__proto__":4,"constructor":2}}'
    const [found] = open({ vulnerability: { 'CVE-1': stored } }).allVulnerabilities()
    expect(Object.entries(found?.value.VendorSeverity ?? {})).toEqual([
      ['__proto__', 4],
      ['constructor', 2],
    ])
  })
})

describe('a hostile database', () => {
  const advisory = (value: string): BoltTree => ({ 'debian 12': { bash: { 'CVE-1': value } } })

  test.each<[string, BoltTree]>([
    ['no JSON', advisory('{')],
    ['a list', advisory('[]')],
    ['text', advisory('"x"')],
    ['a fix that is a number', advisory('{"FixedVersion":1}')],
    ['a severity beyond the last', advisory('{"Severity":5}')],
    ['a severity below the first', advisory('{"Severity":-1}')],
    ['a broken status', advisory('{"Status":1.5}')],
    ['vendor IDs that are none', advisory('{"VendorIDs":[1]}')],
    ['entries that are none', advisory('{"Entries":{}}')],
    ['an entry that is none', advisory('{"Entries":[1]}')],
    ['JSON without end', advisory('['.repeat(200_000))],
    ['a value where a package belongs', { 'debian 12': { bash: 'x' } }],
    ['a value where a bucket belongs', { 'debian 12': 'x' }],
    ['a name with NUL', { 'debian 12': { 'a\0b': { 'CVE-1': '{}' } } }],
    ['Red Hat CPEs that are none', { 'Red Hat CPE': { repository: { x: '["a"]' } } }],
  ])('%s', (_, tree) => {
    expect(() => [...open(tree).allGroups()]).toThrow(expect.objectContaining({ code: 'content' }))
  })

  test.each([
    '[]',
    '{"Title":1}',
    '{"VendorSeverity":[]}',
    '{"VendorSeverity":{"nvd":9}}',
    '{"CVSS":{"nvd":{"V3Score":"9"}}}',
  ])('the details %s', (value) => {
    const database = open({ vulnerability: { 'CVE-1': value } })
    expect(() => [...database.allVulnerabilities()]).toThrow(expect.objectContaining({ code: 'content' }))
    expect(() => database.vulnerability('CVE-1')).toThrow(expect.objectContaining({ code: 'content' }))
  })

  test('a value that is too large', () => {
    const database = open(advisory(`"${'x'.repeat(17 << 20)}"`))
    expect(() => [...database.allGroups()]).toThrow(expect.objectContaining({ code: 'too-large' }))
  })
})
