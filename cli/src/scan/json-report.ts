import { type FilteredReport, packageCounts } from './report.ts'

export interface JsonOptions {
  readonly now: Date
  readonly listPackages: boolean
}

/** The report for scripts; members are only ever added within a `schemaVersion`. */
export function jsonReport(report: FilteredReport, { now, listPackages }: JsonOptions): unknown {
  const { image, os, database, inventory, findings, notCovered, notMatched, partial, hidden } = report
  return {
    schemaVersion: 1,
    scannedAt: now.toISOString(),
    image,
    os: os ?? null,
    database: { ...database, builtAt: database.builtAt.toISOString() },
    packages: packageCounts(report),
    complete: partial.length === 0 && notCovered.length === 0 && notMatched.length === 0,
    partial,
    notCovered,
    notMatched,
    hidden,
    findings,
    ...(listPackages && { inventory }),
  }
}
