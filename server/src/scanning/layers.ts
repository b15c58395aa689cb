import { inventoryFormat, type LayerInventory } from '@breakwater/inventory'
import { type Descriptor, type Digest, parseDigest } from '@breakwater/oci'
import { type Pool, transaction } from '../metadata/index.ts'
import { type Blobs, sourceOf } from './content/blob.ts'
import { findInventories, findLayers, type KnownLayer, putLayer, putUnreadable } from './layer-queries.ts'
import type { ReadingPool } from './reading/pool.ts'
import { ReadingLost } from './reading/reader.ts'

/** A layer as it is unpacked, or why it can't be. `lasting`: it never will. */
export type Layer =
  | { readonly diffId: Digest; readonly inventory: LayerInventory }
  | { readonly failure: string; readonly lasting: boolean }

export interface Layers {
  /** What these blobs hold. Each is read once ever, by whoever comes first; several at a time. */
  read(descriptors: readonly Descriptor[]): Promise<Map<Digest, Layer>>
}

export function createLayers(deps: {
  readonly pool: Pool
  readonly store: Blobs
  readonly readers: ReadingPool
}): Layers {
  /** Those that are being read now, perhaps for another image. */
  const reading = new Map<Digest, Promise<KnownLayer | { readonly lost: string }>>()

  function readOnce(descriptor: Descriptor): Promise<KnownLayer | { readonly lost: string }> {
    const running = reading.get(descriptor.digest)
    if (running) return running
    const started = readNow(descriptor).finally(() => reading.delete(descriptor.digest))
    reading.set(descriptor.digest, started)
    return started
  }

  async function readNow(descriptor: Descriptor): Promise<KnownLayer | { readonly lost: string }> {
    const { digest } = descriptor
    try {
      const found = await deps.readers.read({ kind: 'layer' }, sourceOf(deps.store, descriptor))
      const diffId = 'failure' in found ? undefined : parseDigest(found.diffId)
      if ('failure' in found || !diffId) {
        const failure = 'failure' in found ? found.failure : 'it has no digest'
        await transaction(deps.pool, (tx) => putUnreadable(tx, digest, inventoryFormat, failure))
        return { failure }
      }
      await transaction(deps.pool, (tx) => putLayer(tx, digest, inventoryFormat, { ...found, diffId }))
      return { diffId }
    } catch (error) {
      // Not kept: another try, on a machine with more room, may end well.
      if (error instanceof ReadingLost) return { lost: error.message }
      throw error
    }
  }

  return {
    async read(descriptors) {
      const wanted = [...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values()]
      const known = await findLayers(
        deps.pool,
        wanted.map(({ digest }) => digest),
        inventoryFormat,
      )
      const pairs = await Promise.all(
        wanted.map(async (descriptor) => {
          const { digest } = descriptor
          return [digest, known.get(digest) ?? (await readOnce(descriptor))] as const
        }),
      )
      const diffIds = pairs.flatMap(([, layer]) => ('diffId' in layer ? [layer.diffId] : []))
      const inventories = await findInventories(deps.pool, [...new Set(diffIds)], inventoryFormat)
      return new Map(pairs.map(([digest, layer]) => [digest, withInventory(layer, inventories)]))
    },
  }
}

function withInventory(
  layer: KnownLayer | { readonly lost: string },
  inventories: ReadonlyMap<Digest, LayerInventory>,
): Layer {
  if ('lost' in layer) return { failure: layer.lost, lasting: false }
  if ('failure' in layer) return { failure: layer.failure, lasting: true }
  const inventory = inventories.get(layer.diffId)
  if (!inventory) throw new Error(`the inventory of ${layer.diffId} is gone`)
  return { diffId: layer.diffId, inventory }
}
