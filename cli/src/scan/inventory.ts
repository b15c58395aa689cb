import {
  defaultLayerLimits,
  type ImageInventory,
  LayerError,
  type MergedLayer,
  mergeLayers,
  readLayer,
} from '@breakwater/inventory'
import type { Progress } from '../progress.ts'
import type { ImageSource, LayerSource } from './image.ts'

/** Reads every layer once and lays one over the other. Throws where a layer is unreadable or not the one that is named. */
export async function readInventory(image: ImageSource, progress: Progress): Promise<ImageInventory> {
  const layers: MergedLayer[] = []
  const known = new Map<string, MergedLayer>()
  for (const [index, layer] of image.layers.entries()) {
    progress.step(`Reading layer ${index + 1} of ${image.layers.length}`)
    // An image may hold one layer several times, an empty one above all.
    const read = known.get(layer.diffId) ?? (await readChecked(layer, index))
    known.set(layer.diffId, read)
    layers.push(read)
  }
  return mergeLayers(layers)
}

async function readChecked(layer: LayerSource, index: number): Promise<MergedLayer> {
  const name = `layer ${index + 1} (${layer.digest ?? layer.diffId})`
  const stream = await layer.open()
  try {
    const { diffId, inventory } = await readLayer(stream, defaultLayerLimits)
    if (diffId === layer.diffId) return { diffId, inventory }
    throw new Error(`The config of the image names another ${name}: ${layer.diffId} in place of ${diffId}.`)
  } catch (error) {
    if (error instanceof LayerError) throw new Error(`Cannot read ${name}: ${error.message}.`, { cause: error })
    throw error
  } finally {
    stream.destroy()
  }
}
