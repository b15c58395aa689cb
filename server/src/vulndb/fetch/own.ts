import { PassThrough, type Readable } from 'node:stream'
import { type Digest, parseManifest, parseReference } from '@breakwater/oci'
import { formatImageReference, type ImageReference } from '@breakwater/oci-client'
import type { ContentStore } from '../../content/index.ts'
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
    archive: () => readBlob(store, layer.digest, layer.size),
  }
}

/** A blob of the store as a stream. */
function readBlob(store: Pick<ContentStore, 'read'>, digest: Digest, size: number): Readable {
  const stream = new PassThrough()
  // The store uses its buffer again, so each chunk is copied.
  const sink = async (chunk: Buffer) => {
    if (stream.destroyed) throw new Error('the reader has ended')
    if (stream.write(Buffer.from(chunk))) return
    await new Promise<void>((resolve) => {
      stream.once('drain', resolve)
      stream.once('close', resolve)
    })
  }
  store.read(digest, 0, size - 1, sink).then(
    () => stream.end(),
    (error: unknown) => stream.destroy(error instanceof Error ? error : new Error(String(error))),
  )
  return stream
}
