import { formatImageReference, type ImageReference, openRegistry, RegistryFailure } from '@breakwater/oci-client'
import { SourceUnavailable } from '../refusal.ts'
import { databaseLayer, mostArchiveBytes } from './artifact.ts'
import type { Found } from './found.ts'

/** A database in some other registry, asked for without a login. */
export async function findRemote(reference: ImageReference, signal: AbortSignal): Promise<Found> {
  const { host, repository, tag, digest } = reference
  const registry = openRegistry(host)
  const { digest: found, manifest } = await explained(registry.manifest(repository, digest ?? tag ?? 'latest', signal))
  const layer = databaseLayer(manifest, formatImageReference(reference))
  return {
    kind: 'archive',
    digest: found,
    size: layer.size,
    async *archive(ending) {
      try {
        yield* registry.blob(repository, layer, { maxBytes: mostArchiveBytes, signal: ending })
      } catch (error) {
        throw unavailable(error)
      }
    },
  }
}

function explained<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((error: unknown) => {
    throw unavailable(error)
  })
}

function unavailable(error: unknown): unknown {
  return error instanceof RegistryFailure ? new SourceUnavailable(error.message, { cause: error }) : error
}
