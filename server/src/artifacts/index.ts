/**
 * artifacts: manifests, what they refer to, and the tags and referrers that name them in a repository.
 * Owns tables: manifest, manifest_blob, manifest_reference, repository_manifest, tag, referrer.
 * Enter by: recordArtifact, removeArtifact, removeTag, and the lists.
 * Uses: metadata, projects, blobs, ledger.   Never: decides who may push, touches the blob store.
 */
export { blobsOf, childrenOf } from './content.ts'
export { type NewArtifact, recordArtifact, unknownBlob } from './record.ts'
export {
  blobIsReferenced,
  countReferrers,
  findReferrers,
  listRepositories,
  listTags,
  manifestBytes,
  type ReferrerRow,
} from './queries.ts'
export { removeArtifact, removeTag } from './remove.ts'
