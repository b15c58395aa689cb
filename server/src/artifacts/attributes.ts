import { type Manifest, parseStrictJson } from '@breakwater/oci'
import { kindOf } from './kind.ts'

/** A larger config says too much for a list. */
export const largestAttributes = 64 << 10

/**
 * What lists tell of an artifact out of its config: of an image some members, of other known kinds all. Undefined where
 * there is nothing to tell, or too much.
 */
export function attributesOf(manifest: Manifest, config: Uint8Array | undefined): object | undefined {
  const kind = kindOf(manifest)
  if (manifest.kind === 'index' || kind === 'UNKNOWN' || !config?.length) return undefined
  const document = read(config)
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined
  const attributes = kind === 'IMAGE' ? ofImage(document as Readonly<Record<string, unknown>>) : document
  return JSON.stringify(attributes).length > largestAttributes ? undefined : attributes
}

function ofImage(document: Readonly<Record<string, unknown>>): object {
  const { architecture = '', os = '', created = null, author = '', config } = document
  return { architecture, os, created, author, config: config ?? {} }
}

/** Other configs than those of images may be anything. */
function read(config: Uint8Array): unknown {
  try {
    return parseStrictJson(config)
  } catch {
    return undefined
  }
}
