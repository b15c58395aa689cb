import { startBreakwater } from '../../bench/lib/breakwater.ts'
import { randomPieces } from '../../bench/lib/random-content.ts'
import { readBlob } from '../../bench/lib/registry-client.ts'
import { uploadStream } from '../../bench/lib/upload-stream.ts'
import { watchMemory } from './memory-watch.ts'
import { makeImage, type PushRecord, push } from './push-record.ts'
import { type Scenario, scaled } from './scenario.ts'
import { verifyPush } from './verify.ts'

const layerBytes = 5_000_000_000
const layerCount = 100

/** One layer that no machine should hold in memory, up and down. */
export const largeLayer: Scenario = {
  name: 'large-layer',
  about: 'one layer of 5 GB up and down, bytes compared by sha256',
  run: async (scale) => {
    await using system = await startBreakwater()
    const size = scaled(layerBytes, scale)
    const transfer = async (): Promise<{ upSeconds: number; downSeconds: number }> => {
      const begun = Date.now()
      const digest = await uploadStream(system, 'library/large', randomPieces('large layer', size), size)
      const uploaded = Date.now()
      const read = await readBlob(system, 'library/large', digest)
      if (read.digest !== digest || read.size !== size) throw new Error(`sent ${digest}, got back ${read.digest}`)
      return { upSeconds: (uploaded - begun) / 1000, downSeconds: (Date.now() - uploaded) / 1000 }
    }
    const { result, peaks } = await watchMemory(system, transfer())
    return { bytes: size, ...result, ...peaks }
  },
}

/** An image of as many layers as builders allow and then some. */
export const manyLayers: Scenario = {
  name: 'many-layers',
  about: 'an image of 100 layers, pushed and read back whole',
  run: async (scale) => {
    await using system = await startBreakwater()
    const layers = scaled(layerCount, scale)
    const image = makeImage('library/layered', '1.0', 'many layers', layers)
    const records: PushRecord[] = []
    const { peaks } = await watchMemory(system, push(system, image, records))
    for (const record of records) await verifyPush(system, record)
    return { layers, manifestBytes: image.manifest.length, ...peaks }
  },
}
