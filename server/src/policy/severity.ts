/** Severities of findings as the vulnerability database counts them. */
export type Severity = 0 | 1 | 2 | 3 | 4

export const severityNames = ['unknown', 'low', 'medium', 'high', 'critical'] as const
export type SeverityName = (typeof severityNames)[number]

export function severityName(severity: number): SeverityName {
  return severityNames[severity] ?? 'unknown'
}

/** Harbor's values of a project's `severity`, and the least severity of a finding that each refuses. */
const thresholds: Readonly<Record<string, Severity>> = {
  none: 0,
  unknown: 0,
  negligible: 1,
  low: 1,
  medium: 2,
  high: 3,
  critical: 4,
}

/** From which severity on findings count, and how sentences call that. */
export interface Threshold {
  readonly least: Severity
  readonly name: string
}

/** Harbor reads what it does not know, and nothing at all, as `Unknown`: every finding counts. */
export function thresholdOf(text: string | undefined): Threshold {
  const known = text?.toLowerCase() ?? ''
  const least = thresholds[known]
  if (least === undefined) return { least: 0, name: 'Unknown' }
  return { least, name: `${known.charAt(0).toUpperCase()}${known.slice(1)}` }
}

/** How many findings there are of each severity; those without any are absent. */
export type SeverityCounts = Readonly<Partial<Record<SeverityName, number>>>

export function countSeverities(findings: readonly { readonly severity: number }[]): SeverityCounts {
  const counts: Partial<Record<SeverityName, number>> = {}
  for (const { severity } of findings) {
    const name = severityName(severity)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
