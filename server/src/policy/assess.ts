import type { Digest } from '@breakwater/oci'
import type { Db } from '../metadata/index.ts'
import type { ScanEvidence } from '../scanning/index.ts'
import { judge } from './judge.ts'
import type { Policy } from './policy.ts'
import { type Place, type Proposal, readPolicy } from './read-policy.ts'
import type { Verdict } from './verdict.ts'

export interface AssessDeps {
  readonly pool: Db
  readonly evidenceOf: (digest: Digest) => Promise<ScanEvidence>
}

/** A verdict beside what it was made from. */
export interface Assessment {
  readonly verdict: Verdict
  readonly policy: Policy
  readonly scan: ScanEvidence
}

/** Judges by what is there now. Undefined where the project or the content is gone. */
export async function assess(deps: AssessDeps, place: Place, proposal?: Proposal): Promise<Assessment | undefined> {
  const read = await readPolicy(deps.pool, place, proposal)
  if (!read) return undefined
  const { policy, knownSince, now } = read
  const scan = await deps.evidenceOf(place.digest)
  return { verdict: judge(policy, { scan, knownSince }, now), policy, scan }
}
