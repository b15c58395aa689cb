/**
 * artifacts: manifests, what they refer to, and the tags, labels and referrers that name them in a repository.
 * Owns tables: manifest, manifest_blob, manifest_reference, repository_manifest, tag, referrer, label, artifact_label,
 * artifact_delta, repository_count, project_count, content_delta, project_content, project_usage.
 * Enter by: recordArtifact, copyArtifact, carryAccessory, removeArtifact, restoreArtifact, addTag, removeTag, addLabel, foldCounts, and the lists.
 * Uses: metadata, ledger, blobs.   Never: decides who may push, touches the blob store.
 */
export { attributesOf, largestAttributes } from './attributes.ts'
export { type CarriedAccessory, carryAccessory } from './carry.ts'
export { removeForgotten } from './collection-queries.ts'
export { blobsOf } from './content.ts'
export { copyArtifact } from './copy.ts'
export { findWhole } from './copy-queries.ts'
export { foldCounts } from './counts.ts'
export { type Deletion, findDeleted } from './deleted-queries.ts'
export {
  type AccessoryDetail,
  accessoriesOf,
  type ReferenceDetail,
  referencesOf,
  type TagDetail,
  tagsOf,
} from './detail-queries.ts'
export { forgetManifests } from './forget.ts'
export { belongingsOf } from './kind.ts'
export {
  deleteLabel,
  findLabel,
  findLabels,
  insertLabel,
  type Label,
  type LabelText,
  labelsOf,
  updateLabel,
} from './label-queries.ts'
export { addLabel, removeLabel } from './labelling.ts'
export { type Artifact, type ArtifactScope, artifactColumns, findArtifact, findArtifacts } from './list-queries.ts'
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
export { emptyManifests, manifestsIn, putManifestBytes } from './recovery-queries.ts'
export { type Place, removeAllArtifacts, removeArtifact, removeTag } from './remove.ts'
export { type Restored, restoreArtifact } from './restore.ts'
export { addTag } from './tag.ts'
export { findTags, tagColumns } from './tag-queries.ts'
