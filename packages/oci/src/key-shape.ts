import { foldCase } from './case-fold.ts'

/**
 * What the keys of an object mean to those who decode it. A record's keys name fields, which lenient decoders match
 * regardless of case, so each must be spelt exactly and none may differ from another by case alone. A map's keys are
 * data, and differ as soon as their characters do. In `data`, that holds for the objects within as well.
 */
export type KeyShape = RecordShape | 'map' | 'data'

export interface RecordShape {
  /** The known keys, each with the shape of the object (or of the objects in the array) that it holds. */
  readonly known: ReadonlyMap<string, KeyShape>
  /** The known keys by their folded form. */
  readonly byFold: ReadonlyMap<string, string>
}

/** A record that is not described further: no key is known, none may differ from another by case alone. */
export const plainRecord: RecordShape = { known: new Map(), byFold: new Map() }

/** Describes a record: the keys of plain values, and those of objects or arrays of objects with their shapes. */
export function recordShape(keys: readonly string[], objects: Readonly<Record<string, KeyShape>> = {}): RecordShape {
  const known = new Map<string, KeyShape>(keys.map((key) => [key, plainRecord]))
  for (const [key, shape] of Object.entries(objects)) known.set(key, shape)
  return { known, byFold: new Map([...known.keys()].map((key) => [foldCase(key), key])) }
}
