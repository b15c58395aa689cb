import type { SeverityCounts } from './severity.ts'

/** Why something is refused, a closed set. */
export type ReasonCode =
  | 'vulnerable'
  | 'unscanned'
  | 'scan-running'
  | 'scan-failed'
  | 'scan-stopped'
  | 'unknown-content'
  | 'config-mismatch'
  | 'partial-inventory'
  | 'not-covered'
  | 'no-database'
  | 'database-too-old'
  | SigningCode

/** Why something does not count as signed. */
export type SigningCode =
  | 'unsigned'
  | 'wrong-signer'
  | 'signature-invalid'
  | 'key-expired'
  | 'key-compromised'
  | 'too-few-signers'
  | 'no-trusted-key'

export interface Reason {
  readonly code: ReasonCode
  /** Whose rule it breaks. */
  readonly origin: 'project' | 'system'
  /** False where the rule only warns. */
  readonly enforced: boolean
  /** What a client shows. */
  readonly sentence: string
  /** What to do about it. */
  readonly remedy: string
  /** Of the findings that count; only where those are the reason. */
  readonly counts?: SeverityCounts
  /** Their ids, the worst first, each once, 100 at most. */
  readonly vulnerabilities?: readonly string[]
}

export type NoteCode =
  | 'not-gated'
  | 'not-applicable'
  | 'waived'
  | 'unfixed'
  | 'accepted'
  | 'stale'
  | 'break-glass'
  | 'signed'
  | 'unverified-signer'

/** Why something passes although something could be said against it. */
export interface Note {
  readonly code: NoteCode
  readonly sentence: string
}

const signing: ReadonlySet<string> = new Set<SigningCode>([
  'unsigned',
  'wrong-signer',
  'signature-invalid',
  'key-expired',
  'key-compromised',
  'too-few-signers',
  'no-trusted-key',
])

/** Whether nothing refuses it but that the right signature is missing. */
export function lacksOnlySignature({ reasons }: Pick<Verdict, 'reasons'>): boolean {
  return reasons.every(({ code, enforced }) => !enforced || signing.has(code))
}

/** Policy applied to evidence, for one digest in one repository. */
export interface Verdict {
  readonly allow: boolean
  /** What refuses it; where it is allowed, what would if the policy did more than warn. */
  readonly reasons: readonly Reason[]
  readonly notes: readonly Note[]
  /** When the first of the things it rests on ends. */
  readonly notAfter: Date
}
