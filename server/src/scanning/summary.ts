/** Harbor's names of severities, by trivy's numbers: 0 unknown … 4 critical. */
const severityNames = ['Unknown', 'Low', 'Medium', 'High', 'Critical'] as const

/** How bad an image is, in numbers. */
export interface Summary {
  /** The worst: 0 unknown … 4 critical; -1 where nothing was found. */
  readonly severity: number
  /** Pairs of a vulnerability and a package. */
  readonly total: number
  /** Those of them that another version of the package does not have. */
  readonly fixable: number
  /** Those of each severity, by Harbor's names. */
  readonly counts: Readonly<Record<string, number>>
}

/** A finding as far as it counts. */
export interface Countable {
  readonly severity: number
  readonly fixable: boolean
}

export function summarize(findings: Iterable<Countable>): Summary {
  let severity = -1
  let total = 0
  let fixable = 0
  const counts: Record<string, number> = {}
  for (const finding of findings) {
    total += 1
    severity = Math.max(severity, finding.severity)
    if (finding.fixable) fixable += 1
    const name = severityName(finding.severity)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return { severity, total, fixable, counts }
}

/** Harbor's name; -1 is None. */
export function severityName(severity: number): string {
  return severity < 0 ? 'None' : (severityNames[severity] ?? 'Unknown')
}
