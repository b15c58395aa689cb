import type { Digest } from '@breakwater/oci'
import type { Generation, VulnDatabase } from '../vulndb/index.ts'
import { type EvidenceDeps, foundIn } from './evidence.ts'
import { findResult } from './queries.ts'
import type { PackageFinding } from './scan.ts'

/** What trivy's database says of a vulnerability, by its own keys; any may be absent. */
interface VulnerabilityDetail {
  readonly Description?: string
  readonly References?: readonly string[]
  readonly CweIDs?: readonly string[]
  /** By who has scored it. */
  readonly CVSS?: Readonly<Record<string, CvssEntry>>
}

interface CvssEntry {
  readonly V2Score?: number
  readonly V2Vector?: string
  readonly V3Score?: number
  readonly V3Vector?: string
}

/** A finding with what there is to read about it. */
export interface ReportedFinding extends PackageFinding {
  readonly description: string
  readonly links: readonly string[]
  readonly cweIds: readonly string[]
  readonly cvss: { readonly v2?: Score; readonly v3?: Score }
}

export interface Score {
  readonly score: number
  readonly vector: string
}

export interface VulnerabilityReport {
  readonly generation: Generation
  readonly scannedAt: Date
  /** The worst first. */
  readonly findings: readonly ReportedFinding[]
}

/** The findings of an image; undefined where it was not scanned, is no image, or no database has been asked. */
export async function reportOn(
  deps: EvidenceDeps & { readonly vulndb: Pick<VulnDatabase, 'details'> },
  digest: Digest,
): Promise<VulnerabilityReport | undefined> {
  const [generation, result] = await Promise.all([deps.vulndb.current(deps.pool), findResult(deps.pool, digest)])
  if (!generation || result?.scan.state !== 'success' || result.scan.class !== 'image') return undefined
  const found = await foundIn(deps, generation, result)
  const details = await deps.vulndb.details(generation.id, [...new Set(found.map(({ finding }) => finding.id))])
  const findings = found.map(({ package: { name, version }, finding }): ReportedFinding => {
    const { id, severity, fixedVersion, status, title, severitySource } = finding
    const detail = (details.get(id) ?? {}) as VulnerabilityDetail
    return {
      ...{ id, package: name, version, severity, fixedVersion, status },
      description: detail.Description ?? title,
      links: detail.References ?? [],
      cweIds: detail.CweIDs ?? [],
      cvss: preferred(detail, severitySource),
    }
  })
  findings.sort((a, b) => b.severity - a.severity || compare(a.id, b.id) || compare(a.package, b.package))
  return { generation, scannedAt: result.scan.endedAt ?? result.scan.requestedAt, findings }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Of those who scored it: whose severity is shown, then the best known ones. */
function preferred({ CVSS: scores = {} }: VulnerabilityDetail, source: string): ReportedFinding['cvss'] {
  const one = [source, 'nvd', 'ghsa', 'redhat', ...Object.keys(scores)].flatMap((name) =>
    Object.hasOwn(scores, name) ? [scores[name]] : [],
  )[0]
  return {
    ...(one?.V2Score === undefined ? {} : { v2: { score: one.V2Score, vector: one.V2Vector ?? '' } }),
    ...(one?.V3Score === undefined ? {} : { v3: { score: one.V3Score, vector: one.V3Vector ?? '' } }),
  }
}
