import type { Digest } from '@breakwater/oci'
import { linkAllFromRepository } from '../blobs/index.ts'
import { type Actor, record } from '../ledger/index.ts'
import type { Tx } from '../metadata/index.ts'
import { blobsOfAll, linkCopies } from './copy-queries.ts'
import { lockBlobLinks, lockChildren, putMissingTag } from './push-queries.ts'
import type { Place } from './remove.ts'

/** An accessory of another repository, and the tag that it is to have here too, unless that is taken. */
export interface CarriedAccessory {
  readonly digest: Digest
  readonly tag: string | undefined
}

/**
 * Puts an accessory beside its subject in a repository that has been given that, as what it is where it comes from; no
 * bytes are copied. False where the source does not have it whole any more.
 */
export async function carryAccessory(
  tx: Tx,
  from: Pick<Place, 'repositoryId' | 'repository'>,
  to: Place,
  subject: Digest,
  { digest, tag }: CarriedAccessory,
  actor: Actor,
): Promise<boolean> {
  if (await lockChildren(tx, from.repositoryId, [digest])) return false
  const blobs = await blobsOfAll(tx, [digest])
  if (await lockBlobLinks(tx, from.repositoryId, blobs)) return false
  await linkAllFromRepository(tx, to.repositoryId, from.repositoryId, blobs)
  await lockBlobLinks(tx, to.repositoryId, blobs)
  await linkCopies(tx, from.repositoryId, to.repositoryId, [digest], actor.name)
  if (tag !== undefined) await putMissingTag(tx, to.repositoryId, tag, digest)
  await record(tx, actor, {
    projectId: to.projectId,
    action: 'evidence.promote',
    object: `${to.repository}@${subject}`,
    detail: { evidence: digest, from: from.repository, ...(tag === undefined ? {} : { tag }) },
  })
  return true
}
