/** UNKNOWN, LOW, MEDIUM, HIGH, CRITICAL, as trivy-db counts them from 0. */
export const severities = ['UNKNOWN', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const
export type Severity = (typeof severities)[number]

/** trivy-db's states of a package under a vulnerability, counted from 0. */
export const statuses = [
  'unknown',
  'not_affected',
  'affected',
  'fixed',
  'under_investigation',
  'will_not_fix',
  'fix_deferred',
  'end_of_life',
] as const
export type Status = (typeof statuses)[number]

/** What one source says of one package under one vulnerability: trivy-db's JSON, keys as stored. */
export interface Advisory {
  readonly FixedVersion?: string
  readonly AffectedVersion?: string
  /** An index into `severities`; more exact than the vulnerability's own. */
  readonly Severity?: number
  /** An index into `statuses`. */
  readonly Status?: number
  readonly VendorIDs?: readonly string[]
  readonly Arches?: readonly string[]
  readonly VulnerableVersions?: readonly string[]
  readonly PatchedVersions?: readonly string[]
  readonly UnaffectedVersions?: readonly string[]
  /** Rocky, Oracle and Red Hat: one entry for each set of architectures or products. */
  readonly Entries?: readonly AdvisoryEntry[]
  /** `Red Hat CPE` only: the products of a repository or build, indices into the list of CPEs. */
  readonly Affected?: readonly number[]
  /** `Red Hat CPE` only: what an index stands for. */
  readonly Cpe?: string
}

/** One entry of an advisory; `Cves` and `Affected` are Red Hat's, indices into its list of CPEs. */
export interface AdvisoryEntry {
  readonly FixedVersion?: string
  readonly Severity?: number
  readonly Status?: number
  readonly VendorIDs?: readonly string[]
  readonly Arches?: readonly string[]
  readonly Cves?: readonly { readonly ID?: string; readonly Severity?: number }[]
  readonly Affected?: readonly number[]
}

/** Scores and vectors that one source gives a vulnerability. */
export interface Cvss {
  readonly V2Vector?: string
  readonly V3Vector?: string
  readonly V40Vector?: string
  readonly V2Score?: number
  readonly V3Score?: number
  readonly V40Score?: number
}

/** What is known of a vulnerability whatever the package: trivy-db's JSON, keys as stored. */
export interface Vulnerability {
  readonly Title?: string
  readonly Description?: string
  /** A word of `severities`: the choice of old databases. */
  readonly Severity?: string
  readonly CweIDs?: readonly string[]
  /** Source ID to an index into `severities`. */
  readonly VendorSeverity?: Readonly<Record<string, number>>
  readonly CVSS?: Readonly<Record<string, Cvss>>
  readonly References?: readonly string[]
  /** RFC 3339 */
  readonly PublishedDate?: string
  readonly LastModifiedDate?: string
}

/** Who is behind a bucket. `BaseID` names the source that it was derived from. */
export interface DataSource {
  readonly ID?: string
  readonly Name?: string
  readonly URL?: string
  readonly BaseID?: string
}

/** What a bucket says of one package name: the unit of import, and the only thing that matching reads. */
export interface AdvisoryGroup {
  readonly bucket: string
  readonly name: string
  readonly advisories: readonly { readonly id: string; readonly value: Advisory }[]
}

/** `metadata.json` beside the database. */
export interface DatabaseMetadata {
  /** The schema, always 2. */
  readonly version: 2
  /** When it was built: its age counts from here. */
  readonly updatedAt: Date
  readonly nextUpdate: Date | undefined
  /** Undefined where nobody noted a download. */
  readonly downloadedAt: Date | undefined
}
