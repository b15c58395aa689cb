import type { Descriptor, Manifest } from '@breakwater/oci'
import { ImportRefused } from '../refusal.ts'

/** The type of the one layer of a trivy-db artifact: a gzipped tar of `trivy.db` and `metadata.json`. */
const layerType = 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip'

/** Bytes of the compressed archive; the published one has less than a tenth. */
export const mostArchiveBytes = 2 * 1024 ** 3

/** The layer that holds the database. Throws ImportRefused for an artifact that is something else. */
export function databaseLayer(manifest: Manifest, name: string): Descriptor {
  if (manifest.kind === 'index') {
    throw new ImportRefused(`${name} is an index and no vulnerability database. Name the artifact in it by its digest.`)
  }
  const layers = manifest.layers.filter(({ mediaType }) => mediaType === layerType)
  const [layer] = layers
  if (!layer || layers.length > 1) {
    const problem = `has ${layers.length} layers of type ${layerType}; it has to have one`
    throw new ImportRefused(`${name} is no vulnerability database: it ${problem}.`)
  }
  if (layer.size > mostArchiveBytes) {
    throw new ImportRefused(`${name} has ${layer.size} bytes; at most ${mostArchiveBytes} are taken.`)
  }
  return layer
}
