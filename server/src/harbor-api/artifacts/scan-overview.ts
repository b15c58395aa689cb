import type { NativeReportSummary, Scanner } from '@breakwater/harbor-contract'
import type { Digest } from '@breakwater/oci'
import { glanceAtScans, type ScanGlance, type Summary, severityName } from '../../scanning/index.ts'
import type { ApiDeps } from '../operation.ts'

const native = 'application/vnd.security.vulnerability.report; version=1.1'
const legacy = 'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0'
export const reportTypes = [native, legacy] as const

/** How Harbor writes that something has not happened. */
const never = '0001-01-01T00:00:00.000Z'

/** The scanner inside, as reports name it. */
export const scannerName = 'Breakwater'

export function scannerOf({ facts }: Pick<ApiDeps, 'facts'>): Scanner {
  return { name: scannerName, vendor: scannerName, version: facts.version }
}

/** The form of report that a client asks for: the first that is known, and Harbor's old one where none is. */
export function reportType(accept: string | undefined): string {
  const asked = (accept ?? native).split(',').map((type) => type.trim())
  return asked.find((type) => type === native || type === legacy) ?? legacy
}

export type ScanOverview = Readonly<Record<string, NativeReportSummary>>

/** What is shown of artifacts' scans; nothing of what was never scanned, or does not run. */
export async function scanOverviews(
  deps: Pick<ApiDeps, 'pool' | 'facts'>,
  digests: readonly Digest[],
  accept: string | undefined,
): Promise<Map<Digest, ScanOverview>> {
  const glances = await glanceAtScans(deps.pool, digests)
  const type = reportType(accept)
  return new Map([...glances].map(([digest, scans]) => [digest, { [type]: overview(scans, scannerOf(deps)) }]))
}

/** From what is least done to what is most. */
const order = ['Running', 'Pending', 'Stopped', 'Error', 'Success']

/** Of an index, its images together. */
function overview(scans: readonly ScanGlance[], scanner: Scanner): NativeReportSummary {
  const ids = scans.map(({ id }) => id)
  const states = scans.map(statusOf)
  const status = order.find((state) => states.includes(state)) ?? 'Pending'
  const started = scans.flatMap(({ startedAt }) => startedAt ?? [])
  const ended = scans.flatMap(({ endedAt }) => endedAt ?? [])
  const begin = Math.min(...started.map(Number))
  const end = Math.max(...ended.map(Number))
  const over = status !== 'Running' && status !== 'Pending' && Number.isFinite(begin) && Number.isFinite(end)
  return {
    report_id: ids.length === 1 ? (ids[0] ?? '') : Buffer.from(ids.join('|')).toString('base64'),
    scan_status: status,
    start_time: Number.isFinite(begin) ? new Date(begin).toISOString() : never,
    end_time: over ? new Date(end).toISOString() : never,
    ...(over ? { duration: Math.max(0, Math.round((end - begin) / 1000)) } : {}),
    ...(status === 'Success' ? success(scans, scanner) : {}),
  }
}

function success(scans: readonly ScanGlance[], scanner: Scanner): Partial<NativeReportSummary> {
  const { severity, total, fixable, counts } = scans.flatMap(({ summary }) => summary ?? []).reduce(add)
  return {
    severity: severityName(severity),
    summary: { total, fixable, summary: counts },
    complete_percent: 100,
    scanner,
  }
}

/** Until a database has been asked about it, what was read says nothing. */
function statusOf({ state, summary }: Pick<ScanGlance, 'state' | 'summary'>): string {
  if (state === 'success') return summary ? 'Success' : 'Pending'
  return `${state.charAt(0).toUpperCase()}${state.slice(1)}`
}

function add(one: Summary, other: Summary): Summary {
  const counts = { ...one.counts }
  for (const [name, count] of Object.entries(other.counts)) counts[name] = (counts[name] ?? 0) + count
  return {
    severity: Math.max(one.severity, other.severity),
    total: one.total + other.total,
    fixable: one.fixable + other.fixable,
    counts,
  }
}
