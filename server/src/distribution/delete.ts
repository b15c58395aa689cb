import { type Digest, RegistryError, type RepositoryName } from '@breakwater/oci'
import { blobIsReferenced, removeArtifact, removeTag } from '../artifacts/index.ts'
import { lockLink, unlinkBlob } from '../blobs/index.ts'
import { record } from '../ledger/index.ts'
import { transaction } from '../metadata/index.ts'
import { authorize, requireProject, requireRepository } from './authorize.ts'
import type { Operation } from './operation.ts'
import type { ManifestReference } from './path.ts'
import { unknownBlob } from './pull-blob.ts'
import { unknownManifest } from './pull-manifest.ts'

/** end-9 · DELETE /v2/<name>/manifests/<reference>: by digest the artifact with its tags, by tag only the tag. */
export const deleteManifest: Operation<{ name: RepositoryName; reference: ManifestReference }> = async (
  deps,
  call,
  { name, reference },
) => {
  const facts = await deps.lookups.blob.get({ name, digest: undefined, who: call.who })
  await authorize(deps, call, facts, 'delete', name)
  const { id: projectId } = requireProject(facts, name)
  const place = { projectId, repositoryId: requireRepository(facts, name), repository: name }
  const removed = await transaction(deps.pool, (tx) =>
    reference.kind === 'tag'
      ? removeTag(tx, place, reference.tag, call.actor)
      : removeArtifact(tx, place, reference.digest, call.actor),
  )
  if (!removed) throw unknownManifest(name, reference)
  return { status: 202 }
}

/** end-10 · DELETE /v2/<name>/blobs/<digest>: takes the blob from the repository; its bytes are the collector's. */
export const deleteBlob: Operation<{ name: RepositoryName; digest: Digest }> = async (deps, call, { name, digest }) => {
  const facts = await deps.lookups.blob.get({ name, digest, who: call.who })
  await authorize(deps, call, facts, 'delete', name)
  const { id: projectId } = requireProject(facts, name)
  const repositoryId = requireRepository(facts, name)
  await transaction(deps.pool, async (tx) => {
    if (!(await lockLink(tx, repositoryId, digest))) throw unknownBlob(digest)
    if (await blobIsReferenced(tx, repositoryId, digest)) {
      throw new RegistryError('PRECONDITION', `a manifest of ${name} needs this blob: delete the manifest first`, {
        detail: digest,
      })
    }
    await unlinkBlob(tx, repositoryId, digest)
    await record(tx, call.actor, { projectId, action: 'blob.delete', object: `${name}@${digest}` })
  })
  return { status: 202 }
}
