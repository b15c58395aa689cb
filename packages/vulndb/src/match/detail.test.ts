import { expect, test } from 'vitest'
import type { DataSource, Vulnerability } from '../database/record.ts'
import { detailOf } from './detail.ts'
import type { Match } from './model.ts'

const match: Match = {
  id: 'CVE-1',
  bucket: 'b',
  fixedVersion: '',
  status: 'affected',
  vendorIds: [],
  severity: undefined,
  severitySource: '',
}

function chosen(
  record: Vulnerability | undefined,
  origin: DataSource | undefined,
  more: Partial<Match> = {},
): readonly string[] {
  const found = detailOf({ ...match, ...more }, { vulnerability: () => record, dataSource: () => origin })
  return [found.severity, found.severitySource]
}

const all: Vulnerability = { Severity: 'LOW', VendorSeverity: { root: 4, debian: 3, ghsa: 2, nvd: 1 } }

test.each<[string, readonly string[], readonly string[]]>([
  [
    "the package's own",
    chosen(all, { ID: 'debian' }, { severity: 'LOW', severitySource: 'debian' }),
    ['LOW', 'debian'],
  ],
  ['the source that another was made from', chosen(all, { ID: 'debian', BaseID: 'root' }), ['CRITICAL', 'root']],
  ['the source', chosen(all, { ID: 'debian', BaseID: 'none' }), ['HIGH', 'debian']],
  ["GitHub's for its own IDs", chosen(all, { ID: 'none' }, { id: 'GHSA-1' }), ['MEDIUM', 'ghsa']],
  ["NVD's for others", chosen(all, { ID: 'none' }), ['LOW', 'nvd']],
  ["NVD's without a source", chosen(all, undefined), ['LOW', 'nvd']],
  ['the old word', chosen({ Severity: 'HIGH', VendorSeverity: { other: 4 } }, { ID: 'none' }), ['HIGH', '']],
  ['an old word that is none', chosen({ Severity: 'SEVERE' }, undefined), ['UNKNOWN', '']],
  ['nobody', chosen({}, undefined), ['UNKNOWN', '']],
  ['no details', chosen(undefined, { ID: 'debian' }), ['UNKNOWN', '']],
  ['a source named as a member of every object', chosen({}, { ID: 'constructor' }), ['UNKNOWN', '']],
  ['a source that says it does not know', chosen({ VendorSeverity: { a: 0, nvd: 4 } }, { ID: 'a' }), ['UNKNOWN', 'a']],
])('%s', (_, found, expected) => {
  expect(found).toEqual(expected)
})

test('what is known is told, and what is not is empty', () => {
  const record: Vulnerability = {
    Title: 'T',
    Description: 'D',
    CweIDs: ['CWE-1'],
    References: ['https://example.test/'],
    CVSS: { nvd: { V3Score: 9.8 } },
    PublishedDate: '2024-01-01T00:00:00Z',
  }
  const source = { vulnerability: () => record, dataSource: () => ({ ID: 'debian', Name: 'Debian' }) }
  expect(detailOf(match, source)).toEqual({
    severity: 'UNKNOWN',
    severitySource: '',
    dataSource: 'debian',
    dataSourceName: 'Debian',
    title: 'T',
    description: 'D',
    cweIds: ['CWE-1'],
    references: ['https://example.test/'],
    cvss: { nvd: { V3Score: 9.8 } },
    publishedDate: '2024-01-01T00:00:00Z',
    lastModifiedDate: undefined,
  })
  expect(detailOf(match, { vulnerability: () => undefined, dataSource: () => undefined })).toMatchObject({
    dataSource: '',
    title: '',
    references: [],
    cvss: {},
  })
})
