import { type JsonObject, type JsonValue, parseStrictJson, type RecordShape, RegistryError } from '@breakwater/oci'
import { EvidenceError } from './evidence.ts'
import { maxLayerBytes, maxTextLength } from './limits.ts'

/** Reads a JSON object that every decoder reads alike; see parseStrictJson. Throws EvidenceError. */
export function parseDocument(bytes: Uint8Array, shape: RecordShape, noun: string): JsonObject {
  // A large predicate may have a key for every eight bytes.
  const maxKeys = Math.max(10_000, bytes.length >> 3)
  let value: JsonValue
  try {
    value = parseStrictJson(bytes, { maxBytes: maxLayerBytes, maxDepth: 128, maxKeys, shape, noun })
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    throw new EvidenceError(error.code === 'SIZE_INVALID' ? 'too-large' : 'malformed', error.message)
  }
  return asObject(value, noun)
}

export function malformed(place: string, demand: string): never {
  throw new EvidenceError('malformed', `${place} ${demand}`)
}

export function asObject(value: JsonValue | undefined, place: string): JsonObject {
  return isObject(value) ? value : malformed(place, 'must be an object')
}

/** A string of bounded length. */
export function asText(value: JsonValue | undefined, place: string): string {
  if (typeof value !== 'string') return malformed(place, 'must be a string')
  if (value.length > maxTextLength) {
    throw new EvidenceError('too-large', `${place} has more than ${maxTextLength} characters`)
  }
  return value
}

/** Base64 may be as long as the layer, so that its text has no bound of its own. */
export function asEncoded(value: JsonValue | undefined, place: string): string {
  return typeof value === 'string' && value !== '' ? value : malformed(place, 'must be base64')
}

export function asArray(value: JsonValue | undefined, place: string, most: number): readonly JsonValue[] {
  if (!isArray(value)) return malformed(place, 'must be an array')
  if (value.length > most) {
    throw new EvidenceError('too-many', `${place} has ${value.length} entries; at most ${most} are accepted`)
  }
  return value
}

/** Whether a member is missing; null says the same to most decoders. */
export function isAbsent(value: JsonValue | undefined): value is null | undefined {
  return value === undefined || value === null
}

/** Refuses members that the format does not have: what one reader skips, another one obeys. */
export function requireOnly(object: JsonObject, known: readonly string[], place: string): void {
  const other = Object.keys(object).find((key) => !known.includes(key))
  if (other !== undefined) malformed(place, `must not have the member ${JSON.stringify(other.slice(0, 64))}`)
}

/** Protobuf's JSON reads `predicate_type` as `predicateType`; a reader that does not would see another document. */
export function refuseAliases(object: JsonObject, known: readonly string[], place: string): void {
  for (const key of Object.keys(object)) {
    const name = key.replaceAll('_', '').toLowerCase()
    const meant = known.find((one) => one !== key && one.toLowerCase() === name)
    if (meant !== undefined) malformed(place, `must spell ${meant} so, not ${JSON.stringify(key.slice(0, 64))}`)
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}
