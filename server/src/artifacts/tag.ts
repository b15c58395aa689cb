import { type Digest, RegistryError } from '@breakwater/oci'
import { type Actor, record } from '../ledger/index.ts'
import type { Tx } from '../metadata/index.ts'
import { lockChildren } from './push-queries.ts'
import type { Place } from './remove.ts'
import { insertTag } from './tag-queries.ts'

/** Gives an artifact a tag that is not taken yet. Throws CONFLICT where it is, NOT_FOUND where the artifact is gone. */
export async function addTag(tx: Tx, place: Place, name: string, digest: Digest, actor: Actor): Promise<void> {
  if (await lockChildren(tx, place.repositoryId, [digest])) {
    throw new RegistryError('NOT_FOUND', `artifact ${place.repository}@${digest} not found`)
  }
  if (!(await insertTag(tx, place.repositoryId, name, digest))) {
    throw new RegistryError('CONFLICT', `tag ${name} already exists under the repository ${place.repositoryId}`)
  }
  await record(tx, actor, {
    projectId: place.projectId,
    action: 'tag.create',
    object: `${place.repository}:${name}`,
    detail: { digest },
  })
}
