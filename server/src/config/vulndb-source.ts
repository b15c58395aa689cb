import { resolve } from 'node:path'
import { formatImageReference, type ImageReference, parseImageReference } from '@breakwater/oci-client'

/** Where a vulnerability database comes from: an artifact in a registry, or a file or folder of this machine. */
export type VulndbSource =
  | { readonly kind: 'oci'; readonly reference: ImageReference }
  | { readonly kind: 'file'; readonly path: string }

/** Reads `oci:HOST/NAME[:TAG][@DIGEST]` or `file:PATH`, which becomes absolute; undefined when the text is neither. */
export function parseVulndbSource(text: string): VulndbSource | undefined {
  if (text.startsWith('file:')) {
    const path = text.slice('file:'.length)
    return path === '' ? undefined : { kind: 'file', path: resolve(path) }
  }
  if (!text.startsWith('oci:')) return undefined
  const reference = parseImageReference(text.slice('oci:'.length))
  return reference && { kind: 'oci', reference }
}

/** As `parseVulndbSource` reads it. */
export function formatVulndbSource(source: VulndbSource): string {
  return source.kind === 'file' ? `file:${source.path}` : `oci:${formatImageReference(source.reference)}`
}

/** Reads sources between commas, or `none`; undefined where one of them cannot be read. */
export function parseVulndbSources(text: string): readonly VulndbSource[] | undefined {
  if (text.trim() === 'none') return []
  // A path may hold commas.
  const sources = text.split(/,(?=\s*(?:oci|file):)/).map((one) => parseVulndbSource(one.trim()))
  return sources.every((source) => source !== undefined) ? sources : undefined
}
