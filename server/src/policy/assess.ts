import type { Digest } from '@breakwater/oci'
import type { Db } from '../metadata/index.ts'
import { findRepositoryId } from '../projects/index.ts'
import type { ScanEvidence } from '../scanning/index.ts'
import type { SignatureEvidence, TrustKey } from '../signatures/index.ts'
import { judge } from './judge.ts'
import type { Policy } from './policy.ts'
import { type Place, type Proposal, readPolicy } from './read-policy.ts'
import type { Verdict } from './verdict.ts'

export interface AssessDeps {
  readonly pool: Db
  readonly evidenceOf: (digest: Digest) => Promise<ScanEvidence>
  readonly signaturesOf: (
    repositoryId: number,
    digest: Digest,
    keys: readonly TrustKey[] | undefined,
  ) => Promise<SignatureEvidence>
}

/** A verdict beside what it was made from. */
export interface Assessment {
  readonly verdict: Verdict
  readonly policy: Policy
  readonly scan: ScanEvidence
  readonly signatures: SignatureEvidence
}

/** Judges by what is there now. Undefined where the project or the content is gone. */
export async function assess(deps: AssessDeps, place: Place, proposal?: Proposal): Promise<Assessment | undefined> {
  const read = await readPolicy(deps.pool, place, proposal)
  if (!read) return undefined
  const { policy, knownSince, now } = read
  const repositoryId = await findRepositoryId(deps.pool, place.projectId, place.repository)
  if (repositoryId === undefined) return undefined
  const keys = policy.signing.length > 0 ? policy.signing.flatMap((rule) => rule.keys) : undefined
  const signatures = await deps.signaturesOf(repositoryId, place.digest, keys)
  const scan = await deps.evidenceOf(place.digest)
  return { verdict: judge(policy, { scan, signatures, knownSince }, now), policy, scan, signatures }
}
