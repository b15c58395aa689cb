/**
 * signing: reads the signatures and attestations that cosign attaches to images, and verifies them with public keys.
 * Owns tables: none.   Enter by: parsePublicKey, evidenceLayers, parseEvidence, verifyEvidence, verifyAttestation.
 * Uses: oci, node:crypto.   Never: opens a file or a socket, keeps state, takes an attestation for a signature.
 */
export type { Attestation, Evidence, EvidenceLayout, Signature, SignedSubject, Unreadable } from './evidence.ts'
export {
  bundleType,
  envelopeType,
  maxEvidenceBytes,
  maxEvidenceLayers,
  maxLayerBytes,
  maxSubjects,
  signPredicateType,
  simpleSigningType,
} from './limits.ts'
export { evidenceLayers, parseEvidence } from './parse-evidence.ts'
export { type KeyAlgorithm, type PublicKey, PublicKeyError, type PublicKeyFault, parsePublicKey } from './public-key.ts'
export {
  namesSubject,
  type SignatureCode,
  type Verification,
  verifyAttestation,
  verifyEvidence,
} from './verify-evidence.ts'
