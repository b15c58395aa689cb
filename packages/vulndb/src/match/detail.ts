import { type DataSource, type Severity, severities, type Vulnerability } from '../database/record.ts'
import type { AdvisorySource, Match, MatchDetail } from './model.ts'

/** What a report says of a match beyond the match itself, by the same database. */
export function detailOf(match: Match, source: Pick<AdvisorySource, 'vulnerability' | 'dataSource'>): MatchDetail {
  const record = source.vulnerability(match.id)
  const origin = source.dataSource(match.bucket) ?? {}
  const { severity, severitySource } = severityOf(match, record ?? {}, origin)
  return {
    severity,
    severitySource,
    dataSource: origin.ID ?? '',
    dataSourceName: origin.Name ?? '',
    title: record?.Title ?? '',
    description: record?.Description ?? '',
    cweIds: record?.CweIDs ?? [],
    references: record?.References ?? [],
    cvss: record?.CVSS ?? {},
    publishedDate: record?.PublishedDate,
    lastModifiedDate: record?.LastModifiedDate,
  }
}

type Chosen = Pick<MatchDetail, 'severity' | 'severitySource'>

/** The package's own, else by the source of the advisory, else GitHub's for its own IDs, else NVD's, else the old word. */
function severityOf(match: Match, record: Vulnerability, { BaseID, ID }: DataSource): Chosen {
  if (match.severity !== undefined) return { severity: match.severity, severitySource: match.severitySource }
  const sources = [BaseID, ID, match.id.startsWith('GHSA-') ? 'ghsa' : undefined, 'nvd']
  for (const source of sources) {
    const index = source === undefined ? undefined : vendorSeverity(record, source)
    if (source !== undefined && index !== undefined) {
      return { severity: severities[index] ?? 'UNKNOWN', severitySource: source }
    }
  }
  return { severity: severityNamed(record.Severity), severitySource: '' }
}

function vendorSeverity({ VendorSeverity = {} }: Vulnerability, source: string): number | undefined {
  return Object.hasOwn(VendorSeverity, source) ? VendorSeverity[source] : undefined
}

function severityNamed(name: string | undefined): Severity {
  return severities.find((severity) => severity === name) ?? 'UNKNOWN'
}
