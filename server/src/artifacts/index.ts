/**
 * artifacts: manifests, what they refer to, and the tags and referrers that name them in a repository.
 * Owns tables: manifest, manifest_blob, manifest_reference, repository_manifest, tag, referrer.
 * Enter by: recordArtifact, removeArtifact, removeTag, and the lists.
 * Uses: metadata, ledger.   Never: decides who may push, touches the blob store.
 */
export { blobsOf } from './content.ts'
export {
  blobIsReferenced,
  countReferrers,
  findReferrers,
  listRepositories,
  listTags,
  manifestBytes,
  type ReferrerRow,
} from './queries.ts'
export { recordArtifact, unknownBlob } from './record.ts'
export { removeArtifact, removeTag } from './remove.ts'
