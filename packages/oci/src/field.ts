import { type Digest, parseDigest } from './digest.ts'
import { RegistryError } from './error.ts'
import type { JsonObject, JsonValue } from './strict-json.ts'

/**
 * A value of a document with its place in it, such as `layers[3].size`. A missing key and null are the same, as to most
 * decoders. The readers throw RegistryError MANIFEST_INVALID with the place and what belongs there.
 */
export interface Field {
  readonly value: JsonValue | undefined
  readonly place: string
}

/** The member `key` of the object that `asObject` read at `place`. */
export function member(object: JsonObject, key: string, place = ''): Field {
  return { value: object[key] ?? undefined, place: place === '' ? key : `${place}.${key}` }
}

export function isAbsent(field: Field): boolean {
  return field.value === undefined
}

/** Applies a reader unless the field is absent. */
export function optional<T>(field: Field, read: (field: Field) => T): T | undefined {
  return isAbsent(field) ? undefined : read(field)
}

export function asObject(field: Field): JsonObject {
  return isObject(field.value) ? field.value : invalid(field, 'must be an object')
}

export function asArray<T>(field: Field, read: (field: Field) => T): T[] {
  if (!Array.isArray(field.value)) return invalid(field, 'must be an array')
  return field.value.map((value: JsonValue, index) => read({ value, place: `${field.place}[${index}]` }))
}

export function asText(field: Field): string {
  return typeof field.value === 'string' ? field.value : invalid(field, 'must be a string')
}

export function asNonEmptyText(field: Field): string {
  return asText(field) || invalid(field, 'must not be empty')
}

export function asSize(field: Field): number {
  const { value } = field
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    return invalid(field, 'must be a number of bytes, a whole number from 0 on')
  }
  return value
}

export function asDigest(field: Field): Digest {
  const digest = typeof field.value === 'string' ? parseDigest(field.value) : undefined
  return digest ?? invalid(field, 'must be sha256:<64 lower-case hex digits> or sha512:<128 lower-case hex digits>')
}

export function asTextMap(field: Field): Readonly<Record<string, string>> {
  const object = asObject(field)
  return isTextMap(object) ? object : invalid(field, 'must map strings to strings')
}

/** Refuses a document because of one field. */
export function invalid(field: Field, demand: string): never {
  throw new RegistryError('MANIFEST_INVALID', `${field.place || 'the document'} ${demand}`)
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTextMap(object: JsonObject): object is Readonly<Record<string, string>> {
  return Object.values(object).every((value) => typeof value === 'string')
}
