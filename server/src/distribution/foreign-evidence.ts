import type { Digest } from '@breakwater/oci'
import { holds } from '../access/index.ts'
import { isForeign, shownKeys } from '../signatures/index.ts'
import type { Call, DistributionDeps } from './operation.ts'
import type { ManifestReference } from './path.ts'
import type { RepositoryFacts } from './queries.ts'

/**
 * Fingerprints of the keys whose evidence a reader is shown; undefined: all. cosign believes the first evidence that it
 * finds, so what none of the pinned keys made would hide what they did (gate.md G4). Who may push sees everything.
 */
export async function shownTo(
  { pool }: Pick<DistributionDeps, 'pool'>,
  { who }: Pick<Call, 'who'>,
  facts: RepositoryFacts,
): Promise<readonly string[] | undefined> {
  if (!facts.project || holds(who, facts, 'repository:push')) return undefined
  return shownKeys(pool, facts.project.id)
}

const signatureTag = /^sha256-[a-f0-9]{64}\.sig$/

/** Whether what a signature's tag points at is not shown to the caller. */
export async function isHidden(
  deps: Pick<DistributionDeps, 'pool'>,
  call: Pick<Call, 'who'>,
  facts: RepositoryFacts,
  { reference, digest }: { readonly reference: ManifestReference; readonly digest: Digest },
): Promise<boolean> {
  if (reference.kind !== 'tag' || !signatureTag.test(reference.tag)) return false
  const shown = await shownTo(deps, call, facts)
  return shown !== undefined && isForeign(deps.pool, digest, shown)
}
