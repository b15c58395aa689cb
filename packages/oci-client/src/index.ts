/**
 * oci-client: reads from any registry of the OCI Distribution Specification: tokens, manifests, and blobs that are checked
 * as they come.
 * Owns tables: none.   Enter by: parseImageReference, openRegistry, saveBlob.
 * Uses: @breakwater/oci.   Never: takes bytes that do not hash to their digest, sends a credential to a host that it was
 * not given for, connects to an address that was not checked.
 */
export { RegistryFailure, type RegistryFailureKind } from './failure.ts'
export { formatImageReference, type ImageReference, parseImageReference } from './image-reference.ts'
export { type FetchedManifest, openRegistry, type Registry, type RegistryOptions } from './registry.ts'
export { saveBlob } from './save-blob.ts'
