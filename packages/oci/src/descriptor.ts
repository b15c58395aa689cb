import { algorithmOf, type Digest, digestOf } from './digest.ts'
import {
  asArray,
  asDigest,
  asNonEmptyText,
  asObject,
  asSize,
  asText,
  asTextMap,
  type Field,
  invalid,
  member,
  optional,
} from './field.ts'

/** Where an image of an index runs, under the keys of image-spec (image index, platform). */
export interface Platform {
  readonly architecture: string
  readonly os: string
  readonly 'os.version'?: string
  readonly 'os.features'?: readonly string[]
  readonly variant?: string
  readonly features?: readonly string[]
}

/** What one piece of content is, which and how large in bytes (image-spec, descriptor). */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly artifactType?: string
  readonly platform?: Platform
  readonly urls?: readonly string[]
}

/**
 * Reads a descriptor. Embedded `data` must be the very content, since clients may take it in place of the blob; it is
 * not returned. Throws RegistryError MANIFEST_INVALID.
 */
export function readDescriptor(field: Field): Descriptor {
  const object = asObject(field)
  const at = (key: string) => member(object, key, field.place)
  const descriptor: Descriptor = {
    mediaType: asNonEmptyText(at('mediaType')),
    digest: asDigest(at('digest')),
    size: asSize(at('size')),
    ...present('annotations', optional(at('annotations'), asTextMap)),
    ...present('artifactType', optional(at('artifactType'), asNonEmptyText)),
    ...present('platform', optional(at('platform'), readPlatform)),
    ...present('urls', optional(at('urls'), asTexts)),
  }
  optional(at('data'), (data) => checkData(data, descriptor))
  return descriptor
}

/** An object with the key when the value is there, else an empty one: optional members are absent, never undefined. */
export function present<K extends string, T>(key: K, value: T | undefined): { [name in K]?: T } {
  const entry: { [name in K]?: T } = {}
  if (value !== undefined) entry[key] = value
  return entry
}

function readPlatform(field: Field): Platform {
  const object = asObject(field)
  const at = (key: string) => member(object, key, field.place)
  return {
    architecture: asText(at('architecture')),
    os: asText(at('os')),
    ...present('os.version', optional(at('os.version'), asText)),
    ...present('os.features', optional(at('os.features'), asTexts)),
    ...present('variant', optional(at('variant'), asText)),
    ...present('features', optional(at('features'), asTexts)),
  }
}

function asTexts(field: Field): string[] {
  return asArray(field, asText)
}

function checkData(field: Field, { digest, size }: Descriptor): void {
  const text = asText(field)
  const content = Buffer.from(text, 'base64')
  if (content.toString('base64') !== text) invalid(field, 'must be base64 (RFC 4648 section 4) with padding')
  if (content.length !== size || digestOf(content, algorithmOf(digest)) !== digest) {
    invalid(field, 'must be the content that digest and size name')
  }
}
