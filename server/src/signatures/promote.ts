import type { Digest } from '@breakwater/oci'
import { type CarriedAccessory, carryAccessory, type Place } from '../artifacts/index.ts'
import { ContentMissing } from '../content/index.ts'
import type { Principal } from '../identity/index.ts'
import type { Actor } from '../ledger/index.ts'
import type { Tx } from '../metadata/index.ts'
import { everyProject } from '../projects/index.ts'
import { type SignatureDeps, signaturesOf } from './examine.ts'
import { countSignatures, findAttached, findSources, type Source } from './promotion-queries.ts'
import { type TrustKey, trustDefaults } from './trust.ts'
import { findTrust } from './trust-queries.ts'

/** Where an artifact is being pushed to. */
export interface Target {
  readonly project: { readonly id: number; readonly public: boolean }
  /** Undefined where nothing was ever pushed there. */
  readonly repositoryId: number | undefined
  readonly digest: Digest
}

/** What comes along, and from where. */
export interface Promotion {
  readonly from: Source
  readonly accessories: readonly CarriedAccessory[]
}

/** Repositories that evidence is taken from at once, what each may give, and signatures where nobody is pinned. */
const most = { sources: 8, attached: 64, unpinned: 8 }

/**
 * What comes along when an artifact is pushed that another repository has already: the signatures that hold here too, and
 * attestations and SBOMs of projects that the trust settings name, unless they are less public (gate.md G7). To be called
 * before the transaction of the push.
 */
export async function findPromotions(deps: SignatureDeps, who: Principal, target: Target): Promise<Promotion[]> {
  if (who.kind === 'anonymous') return []
  const { project, repositoryId, digest } = target
  const sources = await findSources(deps.pool, who, repositoryId, digest, most.sources)
  if (sources.length === 0) return []
  const { keys, settings } = await findTrust(deps.pool, [project.id, everyProject])
  const { evidenceFrom, requirePinned } = { ...trustDefaults, ...settings.get(project.id) }
  const holding = keys.filter(({ compromisedAt }) => !compromisedAt)
  const pinned = requirePinned || keys.length > 0
  const fingerprints = pinned ? holding.map(({ fingerprint }) => fingerprint) : undefined
  const present = repositoryId === undefined ? 0 : await countSignatures(deps.pool, repositoryId, digest)
  let left = pinned ? Number.POSITIVE_INFINITY : Math.max(0, most.unpinned - present)
  const promotions: Promotion[] = []
  for (const from of sources) {
    if (!(await areVerified(deps, from, digest, holding))) continue
    const named = evidenceFrom.includes(from.project) && (from.public || !project.public)
    const attached = await findAttached(deps.pool, from, target, fingerprints, most.attached)
    const signatures = attached.filter(({ signs }) => signs).slice(0, left)
    left -= signatures.length
    const others = named ? attached.filter(({ signs }) => !signs) : []
    if (signatures.length + others.length > 0) promotions.push({ from, accessories: [...signatures, ...others] })
  }
  return promotions
}

/** Verifies what was not verified with the keys of the target yet; false where the store does not give it. */
async function areVerified(
  deps: SignatureDeps,
  { repositoryId }: Source,
  digest: Digest,
  keys: readonly TrustKey[],
): Promise<boolean> {
  try {
    await signaturesOf(deps, repositoryId, digest, keys)
    return true
  } catch (error) {
    if (error instanceof ContentMissing) return false
    throw error
  }
}

/** Puts it there, in the transaction of the push; returns the manifests that came along. */
export async function promote(
  tx: Tx,
  to: Place,
  subject: Digest,
  promotions: readonly Promotion[],
  actor: Actor,
): Promise<Digest[]> {
  const carried = new Set<Digest>()
  for (const { from, accessories } of promotions) {
    for (const accessory of accessories) {
      if (carried.has(accessory.digest)) continue
      if (await carryAccessory(tx, from, to, subject, accessory, actor)) carried.add(accessory.digest)
    }
  }
  return [...carried]
}
