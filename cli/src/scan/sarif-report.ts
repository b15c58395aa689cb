import manifest from '../../package.json' with { type: 'json' }
import type { FilteredReport, ReportedFinding, Severity } from './report.ts'

/** SARIF's level and the number by which code scanning services sort (0.0 to 10.0), for each severity. */
const levels: Readonly<Record<Severity, { readonly level: 'error' | 'warning' | 'note'; readonly score: string }>> = {
  CRITICAL: { level: 'error', score: '9.5' },
  HIGH: { level: 'error', score: '8.0' },
  MEDIUM: { level: 'warning', score: '5.5' },
  LOW: { level: 'note', score: '2.0' },
  UNKNOWN: { level: 'note', score: '0.0' },
}

/** The report as a SARIF 2.1.0 log (OASIS), for code scanning services. */
export function sarifReport(report: FilteredReport, now: Date): unknown {
  const { image, findings, partial } = report
  const rules = [...Map.groupBy(findings, ({ id }) => id).values()].flatMap(([first]) => (first ? [first] : []))
  const indexes = new Map(rules.map(({ id }, index) => [id, index]))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Breakwater', version: manifest.version, rules: rules.map(ruleOf) } },
        invocations: [
          {
            // Section 3.20.14: false where the tool could not do all that it was asked.
            executionSuccessful: partial.length === 0,
            endTimeUtc: now.toISOString(),
            toolExecutionNotifications: notifications(report),
          },
        ],
        results: findings.map((finding) => resultOf(finding, indexes.get(finding.id) ?? -1, image.name)),
        columnKind: 'utf16CodeUnits',
        properties: {
          image,
          os: report.os ?? null,
          database: { ...report.database, builtAt: report.database.builtAt.toISOString() },
        },
      },
    ],
  }
}

function ruleOf({ id, title, severity, url, dataSource }: ReportedFinding): unknown {
  const { level, score } = levels[severity]
  return {
    id,
    shortDescription: { text: title || id },
    ...(url !== '' && { helpUri: url }),
    help: { text: `${id}: ${title || 'no title'}. Reported by ${dataSource || 'an unnamed source'}.` },
    defaultConfiguration: { level },
    properties: { 'security-severity': score, precision: 'very-high', tags: ['vulnerability', 'security', severity] },
  }
}

function resultOf(finding: ReportedFinding, ruleIndex: number, image: string): unknown {
  const { id, package: name, installedVersion, fixedVersion, severity, status, path, purl } = finding
  const remedy = fixedVersion === '' ? `no fix (${status})` : `fixed in ${fixedVersion}`
  return {
    ruleId: id,
    ruleIndex,
    level: levels[severity].level,
    message: { text: `${name} ${installedVersion} has ${id} (${severity}): ${remedy}.` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(path || name).replaceAll(':', '%3A') },
          region: { startLine: 1 },
        },
        message: { text: `${image}: ${path || name}` },
        logicalLocations: [{ fullyQualifiedName: purl || `${name}@${installedVersion}`, kind: 'module' }],
      },
    ],
    partialFingerprints: { 'finding/v1': [id, finding.type, name, installedVersion, path].join('|') },
  }
}

function notifications({ partial, notCovered, notMatched }: FilteredReport): unknown[] {
  const notified = (level: 'error' | 'warning', text: string) => ({ level, message: { text } })
  return [
    ...partial.map((reason) => notified('error', `The image could not be read whole: ${reason}`)),
    ...notCovered.map(({ type, path }) => notified('warning', `${type} cannot be read, such as ${path}`)),
    ...notMatched.map(({ what, why }) => notified('warning', `${what}: ${why}`)),
  ]
}
