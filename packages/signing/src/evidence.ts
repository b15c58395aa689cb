import type { Digest } from '@breakwater/oci'

/** In which form evidence came; whether by tag or as a referrer is told by how its manifest was found. */
export type EvidenceLayout = 'simple-signing' | 'sigstore-bundle' | 'dsse-envelope'

interface Found {
  /** Place among the manifest's layers, from 0. */
  readonly layer: number
  readonly layout: EvidenceLayout
}

interface Signed extends Found {
  /** The bytes that are signed. */
  readonly message: Uint8Array
  /** What comes with it to say who signed. Only a key can be checked here. */
  readonly signer: 'key' | 'certificate'
  /** Fingerprint of the key as the bundle's hint has it: nothing but a claim, and no reason to try that key only. */
  readonly claimedKey?: string
}

/** One signature of one image. Nothing in it is proven before `verifyEvidence` said `ok`. */
export interface Signature extends Signed {
  readonly kind: 'signature'
  /** The manifest that it says it signs. */
  readonly subject: Digest
  /** The image reference that the signer signed along; only simple signing has one. */
  readonly reference?: string
  /** Annotations that the signer signed along (`cosign sign -a`); those that are no strings are left out. */
  readonly annotations: Readonly<Record<string, string>>
  readonly signature: Uint8Array
}

/** What a statement is about. */
export interface SignedSubject {
  readonly name?: string
  /** Absent where the subject has no SHA-256, such as a commit. */
  readonly digest?: Digest
}

/** A signed statement about images that is not a signature of them: provenance, an SBOM, a scan that failed. */
export interface Attestation extends Signed {
  readonly kind: 'attestation'
  readonly predicateType: string
  readonly subjects: readonly SignedSubject[]
  readonly signatures: readonly Uint8Array[]
}

/** Why evidence cannot be read. */
export type UnreadableCode = 'malformed' | 'too-many' | 'too-large' | 'unsupported'

/** A layer that is no evidence, though its type says so; without `layer`, the whole manifest. */
export interface Unreadable {
  readonly kind: 'unreadable'
  readonly layer?: number
  readonly layout?: EvidenceLayout
  readonly code: UnreadableCode
  /** For people; may quote a little of the evidence. */
  readonly detail: string
}

export type Evidence = Signature | Attestation | Unreadable

/** Ends the reading of one layer. */
export class EvidenceError extends Error {
  override readonly name = 'EvidenceError'
  readonly code: UnreadableCode

  constructor(code: UnreadableCode, detail: string) {
    super(detail)
    this.code = code
  }
}
