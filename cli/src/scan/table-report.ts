import { printable, table } from '../remote/table.ts'
import { ageOf, type FilteredReport, isStale, packageCounts, type ReportedFinding, severityCounts } from './report.ts'

const longestTitle = 60

/** The report for people: what was looked at, what was not, counts, then the findings by kind of package. */
export function tableReport(report: FilteredReport, now: Date): string {
  return [head(report, now), warnings(report, now), summary(report), ...groups(report.findings)]
    .filter((part) => part !== '')
    .join('\n\n')
}

function head(report: FilteredReport, now: Date): string {
  const { image, os, database } = report
  const counts = Object.entries(packageCounts(report)).map(([type, count]) => `${count} ${type}`)
  const rows = [
    ['Image', image.name],
    ...(image.digest ? [['Digest', image.digest]] : []),
    ...(image.platform ? [['Platform', image.platform]] : []),
    ['System', os ?? 'none that is known'],
    ['Packages', counts.length > 0 ? counts.join(', ') : 'none'],
    ['Database', `built ${database.builtAt.toISOString()}, ${ageOf(database.builtAt, now)}`],
    ['', `${database.digest} from ${database.source}`],
  ]
  return rows.map(([name = '', value = '']) => `${name.padEnd(9)} ${printable(value)}`.trimEnd()).join('\n')
}

function warnings({ partial, notCovered, notMatched, database, inventory, os }: FilteredReport, now: Date): string {
  const lines: string[] = []
  if (partial.length > 0) {
    lines.push('INCOMPLETE: this image could not be read whole, so vulnerabilities may be missing below.')
    lines.push(...partial.map((reason) => `  - ${reason}`))
  }
  if (notCovered.length + notMatched.length > 0) {
    lines.push('NOT COVERED: nothing is said about these, so that they are not clean.')
    lines.push(...notCovered.map(({ type, path }) => `  - ${type}, such as ${path}: it cannot be read`))
    lines.push(...notMatched.map(({ what, why }) => `  - ${what}: ${why}`))
  }
  if (isStale(database.builtAt, now)) {
    lines.push(`OLD DATABASE: it is ${ageOf(database.builtAt, now)}; what became known since is missing below.`)
  }
  if (os === undefined && inventory.length === 0) {
    lines.push('NOTHING TO MATCH: no operating system and no packages were found in this image.')
  }
  return lines.map(printable).join('\n')
}

function summary({ findings, hidden }: FilteredReport): string {
  const left = [
    ...(hidden.bySeverity > 0 ? [`${hidden.bySeverity} of other severities`] : []),
    ...(hidden.unfixed > 0 ? [`${hidden.unfixed} without a fix`] : []),
  ]
  const notShown = left.length > 0 ? ` Not shown: ${left.join(', ')}.` : ''
  if (findings.length === 0) return `No vulnerabilities${left.length > 0 ? ' of those asked for' : ''}.${notShown}`
  const counts = severityCounts(findings).map(([severity, count]) => `${severity} ${count}`)
  const fixed = findings.filter(({ status }) => status === 'fixed').length
  const noun = findings.length === 1 ? 'vulnerability' : 'vulnerabilities'
  return `${findings.length} ${noun} (${counts.join(', ')}), ${fixed} with a fix.${notShown}`
}

function groups(findings: readonly ReportedFinding[]): string[] {
  return [...Map.groupBy(findings, ({ type }) => type)].map(([type, group]) => {
    const withPath = group.some(({ path }) => path !== '')
    const headers = ['SEVERITY', 'VULNERABILITY', 'PACKAGE', 'INSTALLED', 'FIXED', 'STATUS', 'TITLE']
    const rows = group.map((finding) => [
      finding.severity,
      finding.id,
      finding.package,
      finding.installedVersion,
      finding.fixedVersion,
      finding.status,
      shortened(finding.title),
      ...(withPath ? [finding.path] : []),
    ])
    return `${printable(type)} (${group.length})\n${table(withPath ? [...headers, 'PATH'] : headers, rows)}`
  })
}

function shortened(title: string): string {
  const line = title.replaceAll(/\s+/g, ' ')
  return line.length > longestTitle ? `${line.slice(0, longestTitle - 1)}…` : line
}
