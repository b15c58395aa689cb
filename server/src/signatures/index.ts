/**
 * signatures: signatures and attestations of artifacts, read and verified, and whose signatures count.
 * Owns tables: trust_key, trust_setting, signature_manifest, signature_evidence, signature_result, signature_state.
 * Enter by: readPushed, acceptPushed, findPromotions, promote, signaturesOf, workOnSignatures, and what changes trust.
 * Uses: metadata, content, ledger, jobs, identity, projects, artifacts.   Never: decides whether anything may be pulled.
 */
export { acceptPushed, readPushed, shownKeys } from './accept.ts'
export {
  addKey,
  changeKey,
  changeTrust,
  type NewKey,
  removeKey,
  type TrustDeps,
  type TrustOwner,
} from './change-trust.ts'
export { type Found, isForeign } from './evidence-queries.ts'
export { type SignatureDeps, type SignatureEvidence, signaturesOf } from './examine.ts'
export { findPromotions, promote } from './promote.ts'
export { type Requirement, type TrustKey, type TrustSettings, trustDefaults } from './trust.ts'
export { findTrust, type KeyJson, keyJson, readKey } from './trust-queries.ts'
export { workOnSignatures } from './worker.ts'
