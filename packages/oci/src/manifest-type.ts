import { RegistryError } from './error.ts'
import { asNonEmptyText, invalid, isAbsent, member, optional } from './field.ts'
import { type ImageManifestType, type IndexType, isManifestType, manifestTypes, mediaType } from './media-type.ts'
import type { JsonObject } from './strict-json.ts'

/** Schema 1 had no type of its own at first, so `application/json` is not among these. */
const schema1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/

/**
 * The type of a manifest: what Content-Type says, else its own `mediaType`, else what its members allow. Throws
 * RegistryError MANIFEST_INVALID when the two differ, the type is not served, or the members belong to another type.
 */
export function manifestTypeOf(document: JsonObject, contentType: string | undefined): ImageManifestType | IndexType {
  refuseMixtures(document)
  const declared = optional(member(document, 'mediaType'), asNonEmptyText)
  const sent = contentType?.split(';', 1)[0]?.trim().toLowerCase() || undefined
  if (sent !== undefined && declared !== undefined && sent !== declared) {
    throw new RegistryError(
      'MANIFEST_INVALID',
      `mediaType ${shown(declared)} differs from the Content-Type ${shown(sent)}; send both alike`,
    )
  }
  const type = sent ?? declared ?? infer(document)
  if (isManifestType(type)) return type
  throw unsupported(schema1.test(type) ? 'Docker image manifest schema 1' : `manifest type ${shown(type)}`)
}

/** What some engines would read as one type and some as another (image-spec, CVE-2021-41190). */
function refuseMixtures(document: JsonObject): void {
  const at = (key: string) => member(document, key)
  const version = at('schemaVersion')
  if (version.value === 1 || !isAbsent(at('fsLayers'))) throw unsupported('Docker image manifest schema 1')
  if (version.value !== 2) invalid(version, 'must be 2')
  if (isAbsent(at('manifests'))) return
  for (const key of ['layers', 'config']) {
    if (!isAbsent(at(key))) invalid(at(key), 'must not stand beside manifests: a document is an image or an index')
  }
}

function infer(document: JsonObject): string {
  if (!isAbsent(member(document, 'manifests'))) return mediaType.ociIndex
  if (!isAbsent(member(document, 'config')) && !isAbsent(member(document, 'layers'))) return mediaType.ociManifest
  return invalid(member(document, 'mediaType'), `must be set, or a Content-Type sent: ${manifestTypes.join(', ')}`)
}

function unsupported(what: string): RegistryError {
  return new RegistryError('MANIFEST_INVALID', `${what} is not accepted; accepted are ${manifestTypes.join(', ')}`)
}

function shown(type: string): string {
  return JSON.stringify(type.length > 128 ? `${type.slice(0, 128)}…` : type)
}
