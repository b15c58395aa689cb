import { VulndbError } from '../error.ts'
import { limits } from '../limits.ts'

/** A piece of untrusted JSON, and where it was found. */
export interface Field {
  readonly value: unknown
  readonly place: string
}

/** Parses a value of the database. Throws VulndbError. */
export function parseJson(bytes: Buffer, place: string): Field {
  if (bytes.length > limits.valueBytes) throw new VulndbError('too-large', `${place} has ${bytes.length} bytes`)
  try {
    return { value: JSON.parse(bytes.toString('utf8')), place }
  } catch (cause) {
    throw new VulndbError('content', `${place} is no JSON`, { cause })
  }
}

/** A key as text: names and IDs are UTF-8, and hold no NUL, which no database of ours could store. */
export function keyText(key: Buffer, place: string): string {
  const text = key.toString('utf8')
  if (text.includes('\uFFFD') || text.includes('\0')) throw new VulndbError('content', `a key of ${place} is no text`)
  return text
}

/** The members of an object; of null, none, as the builder writes null for an empty record. */
export function asMembers({ value, place }: Field): ReadonlyMap<string, Field> {
  if (value === null) return new Map()
  if (typeof value !== 'object' || Array.isArray(value)) invalid(place, 'an object')
  return new Map(Object.entries(value).map(([key, inner]) => [key, { value: inner, place: `${place}: ${key}` }]))
}

/** Text that can be stored as it is: neither NUL nor half a character. */
export function asText({ value, place }: Field): string {
  if (typeof value !== 'string') invalid(place, 'text')
  return value.toWellFormed().replaceAll('\0', '\uFFFD')
}

export function asTexts(field: Field): string[] {
  return asArray(field, asText)
}

export function asArray<T>({ value, place }: Field, read: (item: Field) => T): T[] {
  if (value === null) return []
  if (!Array.isArray(value)) invalid(place, 'a list')
  return value.map((item: unknown, index) => read({ value: item, place: `${place}[${index}]` }))
}

export function asNumber({ value, place }: Field): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) invalid(place, 'a number')
  return value
}

/** A whole number from 0 to `most`. */
export function asIndex(field: Field, most: number = Number.MAX_SAFE_INTEGER): number {
  const number = asNumber(field)
  if (!Number.isSafeInteger(number) || number < 0 || number > most) invalid(field.place, `0 to ${most}`)
  return number
}

function invalid(place: string, wanted: string): never {
  throw new VulndbError('content', `${place} is not ${wanted}`)
}
