import { type Digest, RegistryError } from '@breakwater/oci'
import { linkAllFromRepository } from '../blobs/index.ts'
import { type Actor, record } from '../ledger/index.ts'
import type { Tx } from '../metadata/index.ts'
import { accessoriesAmong, blobsOfAll, copyTags, linkCopies, lockWhole } from './copy-queries.ts'
import { countParents, lockBlobLinks } from './push-queries.ts'
import type { Place } from './remove.ts'

/**
 * Puts an artifact into another repository, which must be locked against pushes: with its tags, with the children of an
 * index, and with accessories and their tags. `allowed`: what of it may be copied, undefined for
 * all; `changed` where something else belongs to it by now. `gone` where the source is not there any more.
 */
export async function copyArtifact(
  tx: Tx,
  from: Pick<Place, 'repositoryId' | 'repository'>,
  to: Place,
  digest: Digest,
  allowed: readonly Digest[] | undefined,
  actor: Actor,
): Promise<'copied' | 'changed' | 'gone'> {
  const whole = await lockWhole(tx, from.repositoryId, digest)
  if (!whole.includes(digest)) return 'gone'
  if (allowed && !whole.every((part) => allowed.includes(part))) return 'changed'
  const blobs = await blobsOfAll(tx, whole)
  const linked = await linkAllFromRepository(tx, to.repositoryId, from.repositoryId, blobs)
  // What was linked here before could be on its way out.
  if (!linked || (await lockBlobLinks(tx, to.repositoryId, blobs))) {
    throw new RegistryError('PRECONDITION', `${from.repository} lacks a blob of ${digest}`)
  }
  const fresh = await linkCopies(tx, from.repositoryId, to.repositoryId, whole, actor.name)
  await countParents(tx, to.repositoryId, fresh, 1)
  const accessories = await accessoriesAmong(tx, from.repositoryId, whole)
  const tags = await copyTags(tx, from.repositoryId, to.repositoryId, [digest, ...accessories])
  await record(tx, actor, {
    projectId: to.projectId,
    action: 'artifact.copy',
    object: `${to.repository}@${digest}`,
    detail: { from: `${from.repository}@${digest}`, tags, artifacts: whole.length },
  })
  return 'copied'
}
