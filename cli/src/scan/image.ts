import type { Readable } from 'node:stream'
import type { Descriptor, Digest, ImageConfig, Platform } from '@breakwater/oci'

/** One layer of an image that is to be read. */
export interface LayerSource {
  /** The digest of the unpacked layer that the image's config claims. */
  readonly diffId: Digest
  /** Of the layer as it is stored, where that is known. */
  readonly digest?: Digest
  /** Bytes as they are stored; the reader finds out about compression. */
  open(): Promise<Readable>
}

/** An image to be scanned, from a file or a registry. */
export interface ImageSource {
  /** As the caller wrote it. */
  readonly name: string
  /** Of the manifest; archives of `docker save` have none. */
  readonly digest?: Digest
  /** Of the config; what engines call the image's ID. */
  readonly imageId: Digest
  readonly config: ImageConfig
  /** Lowest first. */
  readonly layers: readonly LayerSource[]
}

export const maxConfigBytes = 4 * 1024 * 1024

/** `os/architecture[/variant]`, as `--platform` takes it. */
function platformName({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join('/')
}

/** What this machine runs, in the words of image-spec. */
function thisPlatform(): string {
  const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' }
  return `linux/${architectures[process.arch] ?? process.arch}`
}

/**
 * The image of an index to scan: the wanted platform's, by default this machine's, or the only one there is. Throws
 * with the choices. Attestations (platform unknown/unknown) are no images.
 */
export function choosePlatform(manifests: readonly Descriptor[], wanted: string | undefined): Descriptor {
  const images = manifests.filter(({ platform }) => platform?.os !== 'unknown')
  const named = (name: string) =>
    images.find(({ platform }) => platform !== undefined && `${platformName(platform)}/`.startsWith(`${name}/`))
  const chosen =
    named(wanted ?? thisPlatform()) ?? (wanted === undefined && images.length === 1 ? images[0] : undefined)
  if (chosen) return chosen
  const known = images.map(({ platform }) => (platform ? platformName(platform) : 'one without a platform'))
  const choices = known.length > 0 ? `choose one with --platform: ${known.join(', ')}` : 'the index names no image'
  throw new Error(`there is no image for ${wanted ?? thisPlatform()}; ${choices}`)
}

/** Pairs layers with the digests that the config claims for them unpacked. Throws where their numbers differ. */
export function claimedDiffIds(config: ImageConfig, layers: number): readonly Digest[] {
  if (config.diffIds.length !== layers) {
    throw new Error(`the image has ${layers} layers, but its config names ${config.diffIds.length}`)
  }
  return config.diffIds
}
