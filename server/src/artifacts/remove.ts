import { type Digest, RegistryError } from '@breakwater/oci'
import { type Actor, forgetPulls, record, recordAll } from '../ledger/index.ts'
import type { Tx } from '../metadata/index.ts'
import { countParents } from './push-queries.ts'
import { allDigests, deleteTag, lockWithAccessories, unlinkManifests } from './removal-queries.ts'

/** A repository, as changes to what is in it name it. */
export interface Place {
  readonly projectId: number
  readonly repositoryId: number
  /** The repository's full name, for the ledger. */
  readonly repository: string
}

/**
 * Removes an artifact with its tags and its accessories; false where it is not there. An index keeps its children, and
 * an accessory that an index lists stays. Throws PRECONDITION where an index lists the artifact.
 */
export async function removeArtifact(tx: Tx, place: Place, digest: Digest, actor: Actor): Promise<boolean> {
  const found = await lockWithAccessories(tx, place.repositoryId, digest)
  const itself = found.find((one) => one.digest === digest)
  if (!itself) return false
  if (itself.parents > 0) throw new RegistryError('PRECONDITION', 'the deleting artifact is referenced by others')
  await removeAll(
    tx,
    place,
    found.filter(({ parents }) => parents === 0).map((one) => one.digest),
    actor,
  )
  return true
}

/** Removes every artifact of a repository that is locked against pushes; returns how many there were. */
export async function removeAllArtifacts(tx: Tx, place: Place, actor: Actor): Promise<number> {
  const digests = await allDigests(tx, place.repositoryId)
  if (digests.length > 0) await removeAll(tx, place, digests, actor)
  return digests.length
}

async function removeAll(tx: Tx, place: Place, digests: readonly Digest[], actor: Actor): Promise<void> {
  await countParents(tx, place.repositoryId, digests, -1)
  const tags = await unlinkManifests(tx, place.repositoryId, digests)
  await forgetPulls(tx, place.repositoryId, digests, [...tags.values()].flat())
  await recordAll(
    tx,
    actor,
    digests.map((digest) => ({
      projectId: place.projectId,
      action: 'artifact.delete',
      object: `${place.repository}@${digest}`,
      detail: { tags: tags.get(digest) ?? [] },
    })),
  )
}

/** Removes a tag and leaves what it named; false where it is not there, or names another artifact than `only`. */
export async function removeTag(tx: Tx, place: Place, tag: string, actor: Actor, only?: Digest): Promise<boolean> {
  const digest = await deleteTag(tx, place.repositoryId, tag, only)
  if (digest === undefined) return false
  await forgetPulls(tx, place.repositoryId, [], [tag])
  await record(tx, actor, {
    projectId: place.projectId,
    action: 'tag.delete',
    object: `${place.repository}:${tag}`,
    detail: { digest },
  })
  return true
}
