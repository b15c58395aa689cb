/** A vulnerability that a package version has, as one generation knows it. */
export interface Finding {
  readonly id: string
  /** The bucket whose advisory says so. */
  readonly bucket: string
  /** As shown; empty where no version is fixed. */
  readonly fixedVersion: string
  /** `fixed`, `affected`, `will_not_fix`, … by trivy-db's words. */
  readonly status: string
  /** 0 unknown … 4 critical. */
  readonly severity: number
  /** Whose word the severity is; empty where nobody's. */
  readonly severitySource: string
  /** The id of the source behind the bucket, empty where the database does not name it. */
  readonly dataSource: string
  readonly title: string
  readonly vendorIds: readonly string[]
}
