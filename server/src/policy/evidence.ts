import type { ScanEvidence } from '../scanning/index.ts'
import type { SignatureEvidence } from '../signatures/index.ts'

/** Facts about a digest, whatever is demanded of it. */
export interface Evidence {
  readonly scan: ScanEvidence
  /** In the repository that it is pulled from. */
  readonly signatures: SignatureEvidence
  /** When the registry first had its content. */
  readonly knownSince: Date
}
