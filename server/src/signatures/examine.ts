import { type Digest, parseManifest, RegistryError } from '@breakwater/oci'
import type { PublicKey } from '@breakwater/signing'
import { type Pool, transaction } from '../metadata/index.ts'
import {
  type Found,
  findPresent,
  findState,
  findUnverified,
  putEvidence,
  putResults,
  type Unverified,
} from './evidence-queries.ts'
import type { Blobs } from './read.ts'
import { type TrustKey, verifiers } from './trust.ts'
import { verifyManifest } from './verify.ts'

export interface SignatureDeps {
  readonly pool: Pool
  readonly store: Blobs
}

/** What signatures say of one artifact in one repository. */
export interface SignatureEvidence {
  /** Grows with each change of what is present. */
  readonly revision: number
  /** Whether the artifact is an accessory itself. */
  readonly accessory: boolean
  /** Verified with every key that was asked about; verified ones first. */
  readonly found: readonly Found[]
}

/** Manifests that are read at once, and how often within one request. */
const batch = 16
const mostRounds = 64
/** Pieces of evidence that one answer holds. */
const mostFound = 1_000

/**
 * Everything that is attached to an artifact and to the indexes that list it, verified with these keys. What was not read
 * or verified before is now, so nothing that is present is left out. Without `keys`, where nobody demands signatures, none
 * is looked at. Throws what the store throws.
 */
export async function signaturesOf(
  deps: SignatureDeps,
  repositoryId: number,
  digest: Digest,
  keys: readonly Pick<TrustKey, 'pem' | 'fingerprint'>[] | undefined,
): Promise<SignatureEvidence> {
  // Before what it counts: what comes meanwhile makes the verdict one that does not hold.
  const state = await findState(deps.pool, repositoryId, digest)
  if (!keys) return { ...state, found: [] }
  const fingerprints = keys.map(({ fingerprint }) => fingerprint)
  const verifying = verifiers(keys)
  for (let round = 0; ; round += 1) {
    const unverified = await findUnverified(deps.pool, repositoryId, digest, fingerprints, batch)
    if (unverified.length === 0) break
    if (round === mostRounds) throw busy(digest)
    for (const one of unverified) await complete(deps, one, verifying)
  }
  return { ...state, found: await findPresent(deps.pool, repositoryId, digest, fingerprints, mostFound) }
}

function busy(digest: Digest): RegistryError {
  return new RegistryError('UNAVAILABLE', `the signatures of ${digest} are being verified; try again`, {
    headers: { 'Retry-After': '5' },
  })
}

/** Reads a manifest for evidence and verifies it with those of the keys that it was not verified with. */
export async function complete(
  { pool, store }: SignatureDeps,
  { digest, mediaType, bytes, verified }: Unverified,
  keys: readonly PublicKey[],
): Promise<void> {
  const missing = keys.filter(({ fingerprint }) => !verified.includes(fingerprint))
  const { entries, results } = await verifyManifest(store, digest, parseManifest(bytes, mediaType), missing)
  await transaction(pool, async (tx) => {
    await putEvidence(tx, digest, entries)
    await putResults(tx, digest, results)
  })
}
