import { type Digest, isManifestType, type Manifest, RegistryError } from '@breakwater/oci'
import { beingDeleted, nameContent } from '../blobs/index.ts'
import { type Actor, record } from '../ledger/index.ts'
import type { Tx } from '../metadata/index.ts'
import { blobsOf, type NewArtifact } from './content.ts'
import { enterRepository, lockContent } from './enter.ts'
import { insertManifest, putTag } from './push-queries.ts'

/**
 * Makes an artifact of a manifest whose bytes are in the store: manifest, references, referrer, tag and ledger record,
 * in the caller's transaction. Blob links and children are checked again here, under locks, because a deletion may
 * have come between.
 */
export async function recordArtifact(tx: Tx, artifact: NewArtifact, actor: Actor): Promise<void> {
  const { repositoryId, digest, manifest, tag } = artifact
  if (!(await nameContent(tx, digest, artifact.reservation))) throw beingDeleted(digest)
  const missing = await lockContent(tx, repositoryId, manifest)
  if (missing) throw missing.kind === 'blob' ? unknownBlob(missing.digest) : unknownChild(manifest, missing.digest)

  const fresh = await insertManifest(tx, artifact, blobsOf(manifest))
  await enterRepository(tx, artifact, tag === undefined ? [] : [tag], actor.name)
  const before = tag === undefined ? undefined : await putTag(tx, repositoryId, tag, digest)
  await record(tx, actor, {
    projectId: artifact.projectId,
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

/** BuildKit's older form of a build cache is an index that lists layers; clients print this sentence. */
function unknownChild(manifest: Manifest, digest: Digest): RegistryError {
  const children = manifest.kind === 'index' ? manifest.manifests : []
  const type = children.find((child) => child.digest === digest)?.mediaType
  if (type === undefined || isManifestType(type)) return unknownBlob(digest)
  const message = `an index may list manifests only, and this one lists ${digest}; a build cache needs image-manifest=true`
  return new RegistryError('MANIFEST_BLOB_UNKNOWN', message, { detail: digest })
}
