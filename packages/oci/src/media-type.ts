/** Media types of image-spec and of Docker's image manifest version 2, schema 2. */
export const mediaType = {
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  ociForeignLayer: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
  ociForeignLayerGzip: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  ociForeignLayerZstd: 'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerManifestList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerForeignLayer: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
} as const

/** Manifest types of a single image or artifact. */
export type ImageManifestType = typeof mediaType.ociManifest | typeof mediaType.dockerManifest

/** Manifest types that list other manifests. */
export type IndexType = typeof mediaType.ociIndex | typeof mediaType.dockerManifestList

/** Every manifest type that the registry takes, in the order in which errors name them. */
export const manifestTypes: readonly (ImageManifestType | IndexType)[] = [
  mediaType.ociManifest,
  mediaType.ociIndex,
  mediaType.dockerManifest,
  mediaType.dockerManifestList,
]

/** Whether a bare media type, without parameters, is one of `manifestTypes`. */
export function isManifestType(type: string): type is ImageManifestType | IndexType {
  return isImageManifestType(type) || isIndexType(type)
}

export function isIndexType(type: string): type is IndexType {
  return type === mediaType.ociIndex || type === mediaType.dockerManifestList
}

export function isImageManifestType(type: string): type is ImageManifestType {
  return type === mediaType.ociManifest || type === mediaType.dockerManifest
}

/** Whether a config of this type is an image configuration, which `parseImageConfig` reads. */
export function isImageConfigType(type: string): boolean {
  return type === mediaType.ociConfig || type === mediaType.dockerConfig
}
