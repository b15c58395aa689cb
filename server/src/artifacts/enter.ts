import type { Digest, Manifest } from '@breakwater/oci'
import type { Tx } from '../metadata/index.ts'
import { blobsOf, childrenOf, type NewArtifact } from './content.ts'
import { belongingsOf } from './kind.ts'
import { countParents, linkManifest, lockBlobLinks, lockChildren, putAccessory } from './push-queries.ts'

/** What a manifest names, and its repository lacks. */
export interface Missing {
  readonly kind: 'blob' | 'manifest'
  readonly digest: Digest
}

/**
 * Keeps what a manifest names in the repository until the transaction ends, and revives links that are doomed. Returns
 * one that is not there: the transaction must not be committed then, as what was revived would be looked at no more.
 */
export async function lockContent(tx: Tx, repositoryId: number, manifest: Manifest): Promise<Missing | undefined> {
  const blob = await lockBlobLinks(tx, repositoryId, blobsOf(manifest))
  if (blob) return { kind: 'blob', digest: blob }
  const child = await lockChildren(tx, repositoryId, childrenOf(manifest))
  return child && { kind: 'manifest', digest: child }
}

/**
 * Puts a manifest that is kept and whose content is locked into the repository, as what its subject and `tags` make it.
 * Returns whether it is new there. The tags themselves are the caller's.
 */
export async function enterRepository(
  tx: Tx,
  artifact: Pick<NewArtifact, 'repositoryId' | 'digest' | 'manifest' | 'bytes'>,
  tags: readonly string[],
  pushedBy: string,
): Promise<boolean> {
  const { repositoryId, digest, manifest } = artifact
  const linked = await linkManifest(tx, artifact, pushedBy)
  if (linked && childrenOf(manifest).length > 0) await countParents(tx, repositoryId, [digest], 1)
  for (const tag of tags.length > 0 ? tags : [undefined]) {
    for (const belonging of belongingsOf(manifest, tag)) await putAccessory(tx, repositoryId, digest, belonging)
  }
  return linked
}
