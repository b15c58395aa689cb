import type { JsonValue } from '@breakwater/oci'
import { asObject, asText, isAbsent } from './document.ts'
import { EvidenceError } from './evidence.ts'
import { maxAnnotations } from './limits.ts'

/** The annotations that a signer signed along: those that are strings, without a prototype. */
export function readAnnotations(value: JsonValue | undefined, place: string): Readonly<Record<string, string>> {
  const annotations: Record<string, string> = Object.create(null)
  if (isAbsent(value)) return annotations
  const entries = Object.entries(asObject(value, place))
  if (entries.length > maxAnnotations) {
    throw new EvidenceError(
      'too-many',
      `${place} has ${entries.length} members; at most ${maxAnnotations} are accepted`,
    )
  }
  for (const [key, one] of entries) {
    if (typeof one === 'string') annotations[asText(key, place)] = asText(one, place)
  }
  return annotations
}
