import { type Digest, effectiveArtifactType, RegistryError } from '@breakwater/oci'
import { type Actor, record } from '../ledger/index.ts'
import type { Tx } from '../metadata/index.ts'
import { blobsOf, childrenOf, type NewArtifact } from './content.ts'
import { insertManifest, linkManifest, lockBlobLinks, lockChildren, putReferrer, putTag } from './queries.ts'

/**
 * Makes an artifact of a manifest whose bytes are in the store: manifest, references, referrer, tag and ledger record,
 * in the caller's transaction. Blob links and children are checked again here, under locks, because a deletion may
 * have come between.
 */
export async function recordArtifact(tx: Tx, artifact: NewArtifact, actor: Actor): Promise<void> {
  const { repositoryId, digest, manifest, tag } = artifact
  const blobs = blobsOf(manifest)
  const missing = await lockBlobLinks(tx, repositoryId, blobs)
  if (missing) throw unknownBlob(missing)
  const children = childrenOf(manifest)
  const absent = await lockChildren(tx, repositoryId, children)
  if (absent) throw unknownBlob(absent)

  const fresh = await insertManifest(tx, artifact, effectiveArtifactType(manifest), blobs)
  await linkManifest(tx, artifact, actor.name)
  if (manifest.subject) await putReferrer(tx, repositoryId, manifest.subject.digest, digest)
  const before = tag === undefined ? undefined : await putTag(tx, repositoryId, tag, digest)
  await record(tx, actor, {
    action: 'artifact.push',
    object: tag === undefined ? `${artifact.repository}@${digest}` : `${artifact.repository}:${tag}`,
    detail: {
      digest,
      mediaType: manifest.mediaType,
      ...(fresh ? {} : { known: true }),
      ...(before && before !== digest ? { replaced: before } : {}),
    },
  })
}

export function unknownBlob(digest: Digest): RegistryError {
  return new RegistryError('MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry', { detail: digest })
}
