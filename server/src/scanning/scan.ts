import type { Generation } from '../vulndb/index.ts'

/** How far a scan is; `none` where nobody has asked for one. */
export type ScanState = 'none' | 'pending' | 'running' | 'success' | 'error' | 'stopped'

/**
 * What an artifact is, by its content and never by its declared types (gate.md G1). `evidence` and `data` don't run;
 * `unknown` is what nothing here can read.
 */
export type ScanClass = 'image' | 'index' | 'evidence' | 'data' | 'unknown'

/** A vulnerability of a package in an image; unique by id, package and version. */
export interface PackageFinding {
  readonly id: string
  readonly package: string
  readonly version: string
  /** 0 unknown … 4 critical. */
  readonly severity: number
  readonly fixedVersion: string
  readonly status: string
}

/** What is known about the content of a manifest, whichever project asks. */
export interface ScanEvidence {
  /** Grows with each change; 0 where there is no scan. */
  readonly revision: number
  readonly state: ScanState
  /** Undefined until the content was read. */
  readonly class: ScanClass | undefined
  /** Why a scan ended with an error, or why the class is unknown. */
  readonly failure: string | undefined
  /** Why the inventory may be incomplete. */
  readonly partial: readonly string[]
  /** Kinds of packages that were seen and can't be read. */
  readonly notCovered: readonly string[]
  /** The database that the findings are of. */
  readonly generation: Generation | undefined
  readonly findings: readonly PackageFinding[]
  readonly scannedAt: Date | undefined
}
