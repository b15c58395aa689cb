import { parseManifest, parseReference } from '@breakwater/oci'
import { formatImageReference, type ImageReference } from '@breakwater/oci-client'
import { blobStream, type ContentStore } from '../../content/index.ts'
import type { Db } from '../../metadata/index.ts'
import { SourceUnavailable } from '../refusal.ts'
import { databaseLayer } from './artifact.ts'
import type { Found } from './found.ts'
import { findOwnManifest } from './own-queries.ts'

export interface OwnRegistry {
  readonly pool: Db
  readonly store: Pick<ContentStore, 'size' | 'read'>
  /** Hosts, with their ports, under which clients know this registry. */
  readonly hosts: () => readonly string[]
}

/** A database that was pushed to this registry: read from where it is, so that nobody has to log in to himself. */
export async function findOwn({ pool, store }: OwnRegistry, reference: ImageReference): Promise<Found> {
  const name = formatImageReference(reference)
  const wanted = parseReference(reference.digest ?? reference.tag ?? 'latest')
  const manifest = wanted && (await findOwnManifest(pool, reference.repository, wanted))
  if (!manifest) {
    const remedy = 'Push it, as docs/guides/vulnerability-database.md shows, or name another source.'
    throw new SourceUnavailable(`This registry has no ${name} yet. ${remedy}`)
  }
  const layer = databaseLayer(parseManifest(manifest.bytes, manifest.mediaType), name)
  return {
    digest: manifest.digest,
    kind: 'archive',
    size: layer.size,
    archive: () => blobStream(store, layer.digest, layer.size),
  }
}
