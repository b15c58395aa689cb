import { RegistryError } from './error.ts'
import { scanKeys } from './key-scan.ts'
import { type KeyShape, plainRecord } from './key-shape.ts'

/** A decoded JSON value; objects have no prototype, so that every key is only data. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject

export interface JsonObject {
  readonly [key: string]: JsonValue
}

/** Bounds and expectations of `parseStrictJson`. */
export interface StrictJsonOptions {
  /** Size of the text in bytes; 4 MiB unless given. */
  readonly maxBytes?: number
  /** Levels of nested objects and arrays; 32 unless given. */
  readonly maxDepth?: number
  /** Keys, objects and arrays in the whole text; 200,000 unless given. */
  readonly maxKeys?: number
  /** What the keys mean; unless given, every object is a record without known keys. */
  readonly shape?: KeyShape
  /** What error messages call the text; `manifest` unless given. */
  readonly noun?: string
}

/** The largest manifest that the registry takes, in bytes (distribution-spec asks for at least 4 MiB). */
export const maxManifestBytes = 4 * 1024 * 1024

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Decodes JSON that every decoder reads alike, and gives what JSON.parse gives. Refuses what decoders differ on: invalid
 * UTF-8, a byte order mark, unpaired surrogates, U+0000, duplicate keys, keys that differ by case alone, integers beyond
 * 2^53 - 1. Throws RegistryError MANIFEST_INVALID, or SIZE_INVALID for a text over `maxBytes`.
 */
export function parseStrictJson(bytes: Uint8Array, options: StrictJsonOptions = {}): JsonValue {
  const { maxBytes = maxManifestBytes, maxDepth = 32, maxKeys = 200_000, shape = plainRecord } = options
  const noun = options.noun ?? 'manifest'
  if (bytes.length > maxBytes) {
    throw new RegistryError('SIZE_INVALID', `${noun} has ${bytes.length} bytes; at most ${maxBytes} are accepted`)
  }
  const refuse = (reason: string, cause?: unknown): never => {
    throw new RegistryError('MANIFEST_INVALID', `unmarshal ${noun} failed: ${reason}`, { cause })
  }
  const text = decode(bytes, refuse)
  scanKeys(text, shape, maxDepth, maxKeys, refuse)
  const value = parse(text, refuse)
  harden(value, refuse)
  return value
}

type Refusal = (reason: string, cause?: unknown) => never

function decode(bytes: Uint8Array, refuse: Refusal): string {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch (error) {
    return refuse('not valid UTF-8', error)
  }
  return text.startsWith('\uFEFF') ? refuse('begins with a byte order mark; send UTF-8 without it') : text
}

function parse(text: string, refuse: Refusal): JsonValue {
  try {
    return JSON.parse(text)
  } catch (error) {
    return refuse(error instanceof Error ? error.message : 'not JSON', error)
  }
}

/** Takes the prototypes away and refuses strings that decoders or databases would alter. Recursion is bounded by the scan. */
function harden(value: JsonValue, refuse: Refusal): void {
  if (typeof value === 'string') checkString(value, refuse)
  if (typeof value !== 'object' || value === null) return
  if (isArray(value)) {
    for (const element of value) harden(element, refuse)
    return
  }
  Object.setPrototypeOf(value, null)
  for (const key of Object.keys(value)) {
    checkString(key, refuse)
    harden(value[key] ?? null, refuse)
  }
}

function checkString(text: string, refuse: Refusal): void {
  if (text.includes('\0')) refuse('a string holds the character U+0000')
  if (!text.isWellFormed()) refuse('a string holds an unpaired surrogate')
}

function isArray(value: readonly JsonValue[] | JsonObject): value is readonly JsonValue[] {
  return Array.isArray(value)
}
