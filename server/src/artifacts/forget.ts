import type { Digest } from '@breakwater/oci'
import type { Tx } from '../metadata/index.ts'
import { countParents } from './push-queries.ts'
import { deleteManifests, heldBy } from './recovery-queries.ts'
import { unlinkManifests } from './removal-queries.ts'

/** Removes manifests whose bytes are lost from every repository, with their tags. */
export async function forgetManifests(tx: Tx, digests: readonly Digest[]): Promise<void> {
  if (digests.length === 0) return
  for (const held of await heldBy(tx, digests)) {
    await countParents(tx, held.repositoryId, held.digests, -1)
    await unlinkManifests(tx, held.repositoryId, held.digests)
  }
  await deleteManifests(tx, digests)
}
