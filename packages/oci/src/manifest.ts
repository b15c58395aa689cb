import { type Descriptor, present, readDescriptor } from './descriptor.ts'
import {
  asArray,
  asNonEmptyText,
  asObject,
  asTextMap,
  type Field,
  invalid,
  isAbsent,
  member,
  optional,
} from './field.ts'
import { manifestShape } from './known-keys.ts'
import { manifestTypeOf } from './manifest-type.ts'
import { type ImageManifestType, type IndexType, isIndexType, mediaType } from './media-type.ts'
import { type JsonObject, parseStrictJson } from './strict-json.ts'

interface ManifestCommon {
  readonly artifactType?: string
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** One image or artifact (image-spec, image manifest; Docker schema 2). */
export interface ImageManifest extends ManifestCommon {
  readonly kind: 'image'
  readonly mediaType: ImageManifestType
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

/** A list of manifests (image-spec, image index; Docker manifest list). */
export interface ImageIndex extends ManifestCommon {
  readonly kind: 'index'
  readonly mediaType: IndexType
  readonly manifests: readonly Descriptor[]
}

export type Manifest = ImageManifest | ImageIndex

const maxDescriptors = 10_000

/**
 * Reads a manifest in the only way in which every client reads it too; what clients could read differently is refused.
 * `contentType` is the header as sent, parameters and all. Throws RegistryError MANIFEST_INVALID, naming the place, or
 * SIZE_INVALID over 4 MiB.
 */
export function parseManifest(bytes: Uint8Array, contentType: string | undefined): Manifest {
  const document = asObject({ value: parseStrictJson(bytes, { shape: manifestShape }), place: '' })
  const type = manifestTypeOf(document, contentType)
  const at = (key: string) => member(document, key)
  const common: ManifestCommon = {
    ...present('artifactType', optional(at('artifactType'), asNonEmptyText)),
    ...present('subject', optional(at('subject'), readDescriptor)),
    ...present('annotations', optional(at('annotations'), asTextMap)),
  }
  if (isIndexType(type)) {
    return { kind: 'index', mediaType: type, manifests: readDescriptors(at('manifests')), ...common }
  }
  const config = readDescriptor(at('config'))
  requireArtifactType(document, config)
  return { kind: 'image', mediaType: type, config, layers: readDescriptors(at('layers')), ...common }
}

/** What the referrers list calls the artifact type of a manifest (distribution-spec, listing referrers). */
export function effectiveArtifactType(manifest: Manifest): string | undefined {
  return manifest.artifactType ?? (manifest.kind === 'image' ? manifest.config.mediaType : undefined)
}

/** Image-spec, image manifest: the empty config says nothing, so `artifactType` must. */
function requireArtifactType(document: JsonObject, config: Descriptor): void {
  const artifactType = member(document, 'artifactType')
  if (config.mediaType === mediaType.ociEmpty && isAbsent(artifactType)) {
    invalid(artifactType, `must be set when the config has type ${mediaType.ociEmpty}`)
  }
}

function readDescriptors(field: Field): Descriptor[] {
  if (Array.isArray(field.value) && field.value.length > maxDescriptors) {
    invalid(field, `has ${field.value.length} entries; at most ${maxDescriptors} are accepted`)
  }
  return asArray(field, readDescriptor)
}
