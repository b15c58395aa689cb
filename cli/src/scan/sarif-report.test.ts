import { expect, test } from 'vitest'
import { type FilteredReport, type ReportedFinding, severities } from './report.ts'
import { sarifReport } from './sarif-report.ts'

const finding = (over: Partial<ReportedFinding>): ReportedFinding => ({
  id: 'CVE-2023-0001',
  severity: 'CRITICAL',
  severitySource: 'nvd',
  status: 'fixed',
  type: 'debian',
  package: 'libssl3',
  installedVersion: '3.0.9-1',
  fixedVersion: '3.0.11-1',
  path: '',
  purl: 'pkg:deb/debian/libssl3@3.0.9-1',
  layer: `sha256:${'0'.repeat(64)}`,
  title: 'openssl: something terrible',
  url: 'https://example.test/1',
  dataSource: 'debian',
  vendorIds: [],
  ...over,
})

const report: FilteredReport = {
  image: { name: 'registry.example.com/app:1' },
  os: 'debian 12.1',
  database: { source: 'file:/db.tar.gz', digest: 'sha256:0', builtAt: new Date('2026-01-01T00:00:00Z') },
  inventory: [],
  findings: [
    finding({}),
    finding({ package: 'openssl' }),
    finding({ id: 'CVE-2023-0002', severity: 'LOW', status: 'affected', fixedVersion: '', title: '', url: '' }),
    finding({ id: 'CVE-2023-0003', severity: 'MEDIUM', path: 'app/a b/package.json' }),
    ...severities.map((severity, index) => finding({ id: `CVE-2024-${index}`, severity })),
  ],
  notCovered: [{ type: 'jar', path: 'opt/app.jar' }],
  notMatched: [{ what: 'fedora 42', why: 'nothing is known of it' }],
  partial: ['a file was too large'],
  hidden: { bySeverity: 0, unfixed: 0 },
}

interface Rule {
  readonly id: string
  readonly shortDescription: { readonly text: string }
  readonly helpUri?: string
  readonly defaultConfiguration: { readonly level: string }
  readonly properties: { readonly 'security-severity': string }
}
interface Result {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly level: string
  readonly message: { readonly text: string }
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string }
      readonly region: { readonly startLine: number }
    }
  }[]
}
interface Log {
  readonly $schema: string
  readonly version: string
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly Rule[] } }
    readonly invocations: readonly {
      readonly executionSuccessful: boolean
      readonly endTimeUtc: string
      readonly toolExecutionNotifications: readonly {
        readonly level: string
        readonly message: { readonly text: string }
      }[]
    }[]
    readonly results: readonly Result[]
  }[]
}

const log = JSON.parse(JSON.stringify(sarifReport(report, new Date('2026-01-02T00:00:00Z')))) as Log
const [run] = log.runs
const rules = run?.tool.driver.rules ?? []
const results = run?.results ?? []

test('has the members that SARIF 2.1.0 demands (sections 3.13, 3.14, 3.18, 3.19)', () => {
  expect(log.version).toBe('2.1.0')
  expect(URL.canParse(log.$schema)).toBe(true)
  expect(log.runs).toHaveLength(1)
  expect(run?.tool.driver.name).toBe('Breakwater')
})

test('has each rule once, and every result points to its own (sections 3.27.5, 3.27.6, 3.49.3)', () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length)
  expect(results).toHaveLength(report.findings.length)
  for (const { ruleId, ruleIndex } of results) expect(rules[ruleIndex]?.id).toBe(ruleId)
})

test('uses the levels and the numbers that are allowed (sections 3.27.10, 3.50.3)', () => {
  for (const { level } of results) expect(['none', 'note', 'warning', 'error']).toContain(level)
  for (const { defaultConfiguration, properties } of rules) {
    expect(['none', 'note', 'warning', 'error']).toContain(defaultConfiguration.level)
    expect(Number(properties['security-severity'])).toBeLessThanOrEqual(10)
  }
})

test('has messages with text, valid addresses and places (sections 3.11.8, 3.4.3, 3.30.5, 3.49.12)', () => {
  for (const { shortDescription, helpUri } of rules) {
    expect(shortDescription.text).not.toBe('')
    if (helpUri !== undefined) expect(URL.canParse(helpUri)).toBe(true)
  }
  for (const { message, locations } of results) {
    expect(message.text).not.toBe('')
    expect(locations).toHaveLength(1)
    for (const { physicalLocation } of locations) {
      expect(physicalLocation.artifactLocation.uri).toMatch(/^[^\s\\]+$/)
      expect(physicalLocation.region.startLine).toBeGreaterThanOrEqual(1)
    }
  }
})

test('says what could not be read, and that the run is no whole one (sections 3.20.14, 3.20.21)', () => {
  const [invocation] = run?.invocations ?? []
  expect(invocation?.executionSuccessful).toBe(false)
  expect(invocation?.endTimeUtc).toBe('2026-01-02T00:00:00.000Z')
  expect(invocation?.toolExecutionNotifications.map(({ level }) => level)).toEqual(['error', 'warning', 'warning'])
})
