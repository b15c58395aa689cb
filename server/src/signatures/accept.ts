import { type Digest, type Manifest, RegistryError } from '@breakwater/oci'
import type { PublicKey } from '@breakwater/signing'
import type { Db, Tx } from '../metadata/index.ts'
import { everyProject } from '../projects/index.ts'
import { countForeign, putEvidence, putResults, subjectsOf } from './evidence-queries.ts'
import type { Blobs } from './read.ts'
import { verifiers } from './trust.ts'
import { findTrust } from './trust-queries.ts'
import { type Verified, verifyManifest } from './verify.ts'

/** What a manifest that is being pushed holds, verified with the keys of the project that it is pushed to. */
export interface PushedEvidence {
  readonly digest: Digest
  readonly verified: Verified
  readonly keys: readonly PublicKey[]
}

/** Pieces of evidence for one artifact that no pinned key made; more are refused (gate.md G4). */
const mostForeign = 64

/** To be called before the transaction that records the manifest. Throws what the store throws. */
export async function readPushed(
  { pool, store }: { readonly pool: Db; readonly store: Blobs },
  projectId: number,
  digest: Digest,
  manifest: Manifest,
): Promise<PushedEvidence> {
  const trust = await findTrust(pool, [projectId, everyProject])
  const keys = verifiers(trust.keys.filter(({ compromisedAt }) => !compromisedAt))
  return { digest, verified: await verifyManifest(store, digest, manifest, keys), keys }
}

/**
 * Fingerprints of the keys that a project shows the evidence of to readers; undefined where it shows all, as none is
 * pinned.
 */
export async function shownKeys(db: Db, projectId: number): Promise<string[] | undefined> {
  const { keys } = await findTrust(db, [projectId, everyProject])
  if (keys.length === 0) return undefined
  return keys.filter(({ compromisedAt }) => !compromisedAt).map(({ fingerprint }) => fingerprint)
}

/**
 * Keeps it, in the transaction that has recorded the manifest as what belongs to something. Throws TOOMANYREQUESTS where
 * keys are pinned and an artifact has too much evidence already that none of them made.
 */
export async function acceptPushed(
  tx: Tx,
  repositoryId: number,
  { digest, verified: { entries, results }, keys }: PushedEvidence,
): Promise<void> {
  await putEvidence(tx, digest, entries)
  await putResults(tx, digest, results)
  if (keys.length === 0) return
  const verified = new Set(results.filter(({ code }) => code === 'ok').map(({ entry }) => entry))
  if (verified.size === entries.length) return
  const fingerprints = keys.map(({ fingerprint }) => fingerprint)
  for (const subject of await subjectsOf(tx, repositoryId, digest)) {
    if ((await countForeign(tx, repositoryId, subject, fingerprints)) <= mostForeign) continue
    throw new RegistryError(
      'TOOMANYREQUESTS',
      `${subject} has ${mostForeign} signatures or attestations already that no trusted key made; delete some, or pin their keys`,
    )
  }
}
