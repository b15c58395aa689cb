import type { Package } from '@breakwater/inventory'
import type { AdvisoryGroup, DataSource, Severity, Status, Vulnerability } from '../database/record.ts'

/** Which conditions decide, in which order of versions. */
export type Rule = OsRule | LanguageRule

/** A kind of distribution: what its advisories leave out and how its versions are ordered. */
export type OsRule = 'debian' | 'ubuntu' | 'alpine' | 'apk' | 'rpm' | 'rpm-arches' | 'oracle' | 'amazon' | 'azure'

/** The order of versions of a kind of language package. */
export type LanguageRule = 'npm' | 'pip' | 'gem' | 'maven' | 'generic'

/**
 * What is asked of a database about a package version: all that the answer depends on, so that packages with equal
 * questions are matched once. Plain JSON, with every member always
 * there.
 */
export interface Question {
  /** An exact bucket (`debian 12`), or with `::` at its end the prefix of every bucket to read (`npm::`). */
  readonly bucket: string
  /** As the buckets spell it: lower-cased, with a module's stream in front, and so on. */
  readonly name: string
  /** The version that is compared, which may be the source package's. */
  readonly version: string
  readonly rule: Rule
  /** Only where advisories differ by architecture, else empty. */
  readonly arch: string
}

/** A vulnerability that a package version has. */
export interface Match {
  readonly id: string
  /** The bucket that says so; its data source is the finding's. */
  readonly bucket: string
  /** As shown; empty where no version is fixed. */
  readonly fixedVersion: string
  readonly status: Status
  readonly vendorIds: readonly string[]
  /** Where the advisory knows the severity for this very package. */
  readonly severity: Severity | undefined
  readonly severitySource: string
}

/** What a report adds to a match. */
export interface MatchDetail {
  readonly severity: Severity
  /** Whose word the severity is; empty for that of an old database, or when nobody gave one. */
  readonly severitySource: string
  /** The data source's ID (`debian`, `ghsa`), empty where the database does not name it. */
  readonly dataSource: string
  readonly dataSourceName: string
  readonly title: string
  readonly description: string
  readonly cweIds: readonly string[]
  readonly references: readonly string[]
  readonly cvss: NonNullable<Vulnerability['CVSS']>
  /** RFC 3339 */
  readonly publishedDate: string | undefined
  readonly lastModifiedDate: string | undefined
}

/** One line of a report. */
export interface Finding extends Omit<Match, 'severity'>, MatchDetail {
  readonly package: Package
}

/** Where advisories are read from, one database for the whole of its life. */
export interface AdvisorySource {
  /** The groups of a name in the bucket, or in every bucket with the prefix, in byte order of the buckets. */
  groups(bucket: string, name: string): readonly AdvisoryGroup[]
  vulnerability(id: string): Vulnerability | undefined
  dataSource(bucket: string): DataSource | undefined
  /** Every bucket of advisories, in byte order. */
  buckets(): readonly string[]
}
