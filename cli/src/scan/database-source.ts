import { resolve } from 'node:path'
import { formatImageReference, type ImageReference, parseImageReference } from '@breakwater/oci-client'
import { UsageError } from '../usage-error.ts'

/** Where a vulnerability database comes from: `oci:REF` or `file:PATH`. */
export type DatabaseSource =
  | { readonly kind: 'oci'; readonly text: string; readonly reference: ImageReference }
  | { readonly kind: 'file'; readonly text: string; readonly path: string }

/** As the configuration holds it. */
export function databaseSource(
  source: { kind: 'oci'; reference: ImageReference } | { kind: 'file'; path: string },
): DatabaseSource {
  return source.kind === 'file'
    ? { ...source, text: `file:${source.path}` }
    : { ...source, text: `oci:${formatImageReference(source.reference)}` }
}

/** Throws UsageError where a text is no source. */
export function parseDatabaseSource(text: string): DatabaseSource {
  if (/^file:./.test(text)) return databaseSource({ kind: 'file', path: resolve(text.slice('file:'.length)) })
  const reference = text.startsWith('oci:') ? parseImageReference(text.slice('oci:'.length)) : undefined
  if (reference) return databaseSource({ kind: 'oci', reference })
  throw new UsageError(`--db: ${text} is no source. Write oci:HOST/NAME:TAG, or file:PATH of db.tar.gz.`)
}
