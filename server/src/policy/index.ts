/**
 * policy: what may leave the registry: policy and evidence become a verdict in one place, and the doors ask for it.
 * Owns tables: policy, exception, verdict, served_blob.   Enter by: createGate, assess, and what changes a policy.
 * Uses: content, ledger, metadata, projects, vulndb, scanning, signatures.   Never: opens a socket, writes a reply, lets through what it can't judge.
 */
export { type AssessDeps, type Assessment, assess } from './assess.ts'
export { type ExceptionRequest, grantException, revokeException } from './change-exception.ts'
export { breakGlass, changeSettings, floorOwner, mendGlass, type PolicyOwner } from './change-policy.ts'
export {
  floorDefaults,
  projectDefaults,
  readFloorSettings,
  readProjectSettings,
} from './document.ts'
export { type ListedException, listExceptions } from './exception-queries.ts'
export { createGate, type Gate, type KnownVerdict, type UnsignedUse } from './gate.ts'
export { globProblem } from './glob.ts'
export type { GatedPlace, GateWatch } from './judging.ts'
export { findFloor, findPolicy } from './policy-queries.ts'
export { previewPolicy } from './preview.ts'
export type { Proposal } from './read-policy.ts'
export { severityName, severityNames } from './severity.ts'
export { blobIsOpen, verdictHolds } from './verdict-queries.ts'
