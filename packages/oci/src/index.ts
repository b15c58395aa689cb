/**
 * oci: the words of the OCI specifications: digests, references, media types, manifests, ranges and error codes.
 * Owns tables: none.   Enter by: parseManifest, parseReference, parseDigest, parseByteRange, RegistryError.
 * Uses: node:crypto.   Never: opens a file or a socket, keeps state, knows users or projects.
 */
export type { Descriptor, Platform } from './descriptor.ts'
export {
  type Algorithm,
  algorithmOf,
  type Digest,
  digestFromBytes,
  digestFromHex,
  digestOf,
  digestToBytes,
  hexOf,
  parseDigest,
} from './digest.ts'
export { type OciCode, RegistryError, type RegistryErrorOptions, statusOf } from './error.ts'
export { type ImageConfig, parseImageConfig } from './image-config.ts'
export { type KeyShape, type RecordShape, recordShape } from './key-shape.ts'
export { effectiveArtifactType, type ImageIndex, type ImageManifest, type Manifest, parseManifest } from './manifest.ts'
export {
  type ImageManifestType,
  type IndexType,
  isImageConfigType,
  isImageManifestType,
  isIndexType,
  isManifestType,
  manifestTypes,
  mediaType,
} from './media-type.ts'
export { type ByteRange, parseByteRange, parseContentRange } from './range.ts'
export {
  parseReference,
  parseRepositoryName,
  parseTag,
  projectOf,
  type Reference,
  type RepositoryName,
  repositoryInProject,
  type Tag,
} from './reference.ts'
export {
  type JsonObject,
  type JsonValue,
  maxManifestBytes,
  parseStrictJson,
  type StrictJsonOptions,
} from './strict-json.ts'
