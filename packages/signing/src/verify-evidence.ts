import { algorithmOf, type Digest } from '@breakwater/oci'
import { checkSignature, type SignatureCheck } from './check-signature.ts'
import type { Attestation, Evidence, Signature } from './evidence.ts'
import type { PublicKey } from './public-key.ts'

/**
 * What verification says, a closed set:
 * - `ok`: the key signed this very manifest
 * - `wrong-key`: whole, and names this manifest, but this key did not sign it; a changed payload looks the same
 * - `other-digest`: it is about another manifest
 * - `algorithm`: no key of this type and size makes such a signature
 * - `malformed`: not what its type says, or a form that readers disagree on
 * - `too-many`, `too-large`: over a limit
 * - `not-a-signature`: an attestation, whatever it says and whoever signed it; `not-an-attestation` the other way round
 * - `unsupported`: signed in a way that is not verified here: certificates, Notation, older bundles, SHA-512 manifests
 */
export type SignatureCode =
  | 'ok'
  | 'wrong-key'
  | 'other-digest'
  | 'algorithm'
  | 'malformed'
  | 'too-many'
  | 'too-large'
  | 'not-a-signature'
  | 'not-an-attestation'
  | 'unsupported'

/** A code, and a sentence for people where the code leaves something to say. */
export interface Verification {
  readonly code: SignatureCode
  readonly detail?: string
}

const certificate = 'signed with a certificate; only signatures of pinned public keys are verified'

/** Whether evidence is a signature by this key of the manifest with this digest. Only `ok` says so. */
export function verifyEvidence(evidence: Evidence, key: PublicKey, subject: Digest): Verification {
  if (evidence.kind === 'unreadable') return { code: evidence.code, detail: evidence.detail }
  if (evidence.kind === 'attestation') {
    return { code: 'not-a-signature', detail: `an attestation of type ${evidence.predicateType.slice(0, 256)}` }
  }
  if (algorithmOf(subject) !== 'sha256') return sha512
  if (evidence.subject !== subject) return { code: 'other-digest', detail: `signs ${evidence.subject}` }
  return check(evidence, [evidence.signature], key)
}

/** Whether evidence is an attestation by this key about the manifest with this digest. It never counts as a signature. */
export function verifyAttestation(evidence: Evidence, key: PublicKey, subject: Digest): Verification {
  if (evidence.kind === 'unreadable') return { code: evidence.code, detail: evidence.detail }
  if (evidence.kind === 'signature') return { code: 'not-an-attestation' }
  if (algorithmOf(subject) !== 'sha256') return sha512
  if (!evidence.subjects.some(({ digest }) => digest === subject)) return { code: 'other-digest' }
  return check(evidence, evidence.signatures, key)
}

/** Whether evidence is a well-formed signature that names the manifest; nothing is said about who signed (gate.md G5). */
export function namesSubject(evidence: Evidence, subject: Digest): boolean {
  return evidence.kind === 'signature' && algorithmOf(subject) === 'sha256' && evidence.subject === subject
}

const sha512: Verification = { code: 'unsupported', detail: 'only manifests with SHA-256 digests can be signed' }

/** The best that any of the signatures comes to. */
function check(evidence: Signature | Attestation, signatures: readonly Uint8Array[], key: PublicKey): Verification {
  const certified = evidence.signer === 'certificate'
  // A bundle is signed by what it carries. Beside simple signing and envelopes a certificate may stand for the pinned key.
  if (certified && evidence.layout === 'sigstore-bundle') return { code: 'unsupported', detail: certificate }
  const checks = signatures.map((signature) => checkSignature(evidence.message, signature, key))
  const best = ranking.find((code) => checks.includes(code)) ?? 'malformed'
  return certified && best !== 'ok' ? { code: 'unsupported', detail: certificate } : { code: best }
}

const ranking: readonly SignatureCheck[] = ['ok', 'wrong-key', 'algorithm', 'malformed']
