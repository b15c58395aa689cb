import { type Digest, RegistryError } from '@breakwater/oci'
import { type Actor, record } from '../ledger/index.ts'
import type { Tx } from '../metadata/index.ts'
import { deleteTag, hasParent, lockArtifact, unlinkManifest } from './queries.ts'

interface Place {
  readonly repositoryId: number
  /** The repository's full name, for the ledger. */
  readonly repository: string
}

/** Removes an artifact with its tags; false where it is not there. An index keeps its children. */
export async function removeArtifact(tx: Tx, place: Place, digest: Digest, actor: Actor): Promise<boolean> {
  if (!(await lockArtifact(tx, place.repositoryId, digest))) return false
  if (await hasParent(tx, place.repositoryId, digest)) {
    throw new RegistryError('PRECONDITION', 'the deleting artifact is referenced by others')
  }
  const tags = await unlinkManifest(tx, place.repositoryId, digest)
  await record(tx, actor, { action: 'artifact.delete', object: `${place.repository}@${digest}`, detail: { tags } })
  return true
}

/** Removes a tag and leaves what it named; false where it is not there. */
export async function removeTag(tx: Tx, place: Place, tag: string, actor: Actor): Promise<boolean> {
  const digest = await deleteTag(tx, place.repositoryId, tag)
  if (digest === undefined) return false
  await record(tx, actor, { action: 'tag.delete', object: `${place.repository}:${tag}`, detail: { digest } })
  return true
}
