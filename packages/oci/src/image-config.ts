import { present } from './descriptor.ts'
import type { Digest } from './digest.ts'
import { asArray, asDigest, asObject, asText, type Field, invalid, member, optional } from './field.ts'
import { imageConfigShape } from './known-keys.ts'
import { parseStrictJson } from './strict-json.ts'

/** The members of an image configuration that the registry uses (image-spec, config). */
export interface ImageConfig {
  readonly architecture?: string
  readonly os?: string
  readonly variant?: string
  readonly osVersion?: string
  /** RFC 3339, as the builder wrote it. */
  readonly created?: string
  readonly author?: string
  /** Digests of the unpacked layers, lowest first; a claim that the bytes have yet to confirm. */
  readonly diffIds: readonly Digest[]
}

/**
 * Reads an image configuration as every engine reads it: the same strictness as for manifests, so that no engine finds
 * another root filesystem or command in it. Throws RegistryError MANIFEST_INVALID, or SIZE_INVALID over 4 MiB.
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const noun = 'image config'
  const document = asObject({ value: parseStrictJson(bytes, { shape: imageConfigShape, noun }), place: noun })
  const at = (key: string) => member(document, key, noun)
  optional(at('config'), asObject)
  optional(at('history'), (history) => asArray(history, asObject))
  return {
    ...present('architecture', optional(at('architecture'), asText)),
    ...present('os', optional(at('os'), asText)),
    ...present('variant', optional(at('variant'), asText)),
    ...present('osVersion', optional(at('os.version'), asText)),
    ...present('created', optional(at('created'), asText)),
    ...present('author', optional(at('author'), asText)),
    diffIds: optional(at('rootfs'), readDiffIds) ?? [],
  }
}

function readDiffIds(field: Field): Digest[] {
  const rootfs = asObject(field)
  const type = member(rootfs, 'type', field.place)
  if (optional(type, asText) !== 'layers') invalid(type, 'must be layers')
  return optional(member(rootfs, 'diff_ids', field.place), (ids) => asArray(ids, asDigest)) ?? []
}
