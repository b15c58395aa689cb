import type { Digest } from '@breakwater/oci'

/** From the least to the worst, as the database numbers them. */
export const severities = ['UNKNOWN', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const
export type Severity = (typeof severities)[number]

/** One vulnerability of one installed package. */
export interface ReportedFinding {
  readonly id: string
  readonly severity: Severity
  /** Whose rating that is; empty where nobody rated it. */
  readonly severitySource: string
  /** `fixed`, `affected`, `will_not_fix` … */
  readonly status: string
  readonly type: string
  readonly package: string
  readonly installedVersion: string
  /** Empty where there is no fix. */
  readonly fixedVersion: string
  /** Of a language package: the file that says so. */
  readonly path: string
  readonly purl: string
  /** Diff ID of the layer that brought the package. */
  readonly layer: string
  readonly title: string
  readonly url: string
  readonly dataSource: string
  /** The source's own names of it: DSA-…, GHSA-… */
  readonly vendorIds: readonly string[]
}

/** One package of an image; a member that does not apply is empty. */
export interface InventoryPackage {
  readonly type: string
  readonly name: string
  readonly version: string
  readonly arch: string
  readonly sourceName: string
  readonly sourceVersion: string
  readonly path: string
  readonly purl: string
  readonly layer: string
}

/** The vulnerability database that a report was made with. */
export interface ReportedDatabase {
  /** `oci:REF`, `file:PATH`, or the registry whose report it is. */
  readonly source: string
  readonly digest: string
  readonly builtAt: Date
}

/** What a scan found out about one image, before any filter. */
export interface ScanReport {
  readonly image: { readonly name: string; readonly digest?: Digest; readonly id?: Digest; readonly platform?: string }
  /** `family release`; undefined where the image has no operating system that is known. */
  readonly os: string | undefined
  readonly database: ReportedDatabase
  readonly inventory: readonly InventoryPackage[]
  readonly findings: readonly ReportedFinding[]
  /** What is in the image and cannot be read, with one path each: never "clean". */
  readonly notCovered: readonly { readonly type: string; readonly path: string }[]
  /** What was read, and the database says nothing of: `fedora 42`, and why. */
  readonly notMatched: readonly { readonly what: string; readonly why: string }[]
  /** Why packages may be missing from the report. */
  readonly partial: readonly string[]
}

/** How many packages of each type there are. */
export function packageCounts({ inventory }: Pick<ScanReport, 'inventory'>): Readonly<Record<string, number>> {
  const groups = Map.groupBy(inventory, ({ type }) => type)
  return Object.fromEntries([...groups].map(([type, packages]) => [type, packages.length]))
}

/** Which findings are asked for. */
export interface Filter {
  readonly severities: ReadonlySet<Severity>
  readonly ignoreUnfixed: boolean
}

/** A report and what the filter left of it. */
export interface FilteredReport extends ScanReport {
  /** How many findings the filter took away. */
  readonly hidden: { readonly bySeverity: number; readonly unfixed: number }
}

/** Findings that the filter lets through, the worst first. */
export function filterReport(report: ScanReport, { severities: wanted, ignoreUnfixed }: Filter): FilteredReport {
  const ofSeverity = report.findings.filter(({ severity }) => wanted.has(severity))
  const left = ignoreUnfixed ? ofSeverity.filter(({ status }) => status === 'fixed') : ofSeverity
  return {
    ...report,
    findings: left.toSorted(compareFindings),
    hidden: { bySeverity: report.findings.length - ofSeverity.length, unfixed: ofSeverity.length - left.length },
  }
}

function compareFindings(a: ReportedFinding, b: ReportedFinding): number {
  const worse = severities.indexOf(b.severity) - severities.indexOf(a.severity)
  return worse || compareText(a.package, b.package) || compareText(a.id, b.id) || compareText(a.path, b.path)
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** `CRITICAL 1, HIGH 3`, the worst first, without those that are not there. */
export function severityCounts(findings: readonly ReportedFinding[]): readonly (readonly [Severity, number])[] {
  return severities
    .toReversed()
    .map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
}

const dayMs = 86_400_000

/** How old the database is, in words. */
export function ageOf(builtAt: Date, now: Date): string {
  const hours = Math.floor((now.getTime() - builtAt.getTime()) / (dayMs / 24))
  if (hours < 1) return 'less than an hour old'
  if (hours < 48) return `${hours} ${hours === 1 ? 'hour' : 'hours'} old`
  return `${Math.floor(hours / 24)} days old`
}

/** A database that is older than this lets new vulnerabilities pass unseen. */
export function isStale(builtAt: Date, now: Date): boolean {
  return now.getTime() - builtAt.getTime() > 7 * dayMs
}
