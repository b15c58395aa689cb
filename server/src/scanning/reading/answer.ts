import { defaultLayerLimits, LayerError, readLayer } from '@breakwater/inventory'
import { isChart, isDatabaseArchive } from '../content/data-artifact.ts'
import { documentLimit, isDocument } from '../content/document.ts'
import type { Answers, LayerReading, Task } from './task.ts'

/** Answers a question about a blob; runs in a reader. */
export async function answer(task: Task, bytes: AsyncIterable<Buffer>): Promise<Answers[Task['kind']]> {
  switch (task.kind) {
    case 'layer':
      return layerReading(bytes)
    case 'document':
      return isDocument(task.mediaType, await gather(bytes, documentLimit(task.mediaType) ?? 0))
    case 'chart':
      return isChart(task.name, bytes)
    case 'database':
      return isDatabaseArchive(bytes)
  }
}

/** All bytes, or one more than the limit. */
async function gather(bytes: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of bytes) {
    chunks.push(chunk)
    size += chunk.length
    if (size > limit) break
  }
  return Buffer.concat(chunks).subarray(0, limit + 1)
}

async function layerReading(bytes: AsyncIterable<Buffer>): Promise<LayerReading> {
  try {
    const { diffId, size, inventory } = await readLayer(bytes, defaultLayerLimits)
    return { diffId, size, inventory: storable(inventory) }
  } catch (error) {
    // How long it takes is the machine's matter, not the layer's.
    if (error instanceof LayerError && error.code !== 'too-slow') return { failure: error.message }
    throw error
  }
}

/** Without what a database can't keep in a text: U+0000 and unpaired surrogates become U+FFFD. */
function storable<T>(value: T): T {
  const text = JSON.stringify(value)
  if (!/\\u(?:0000|d[89a-f])/.test(text)) return value
  return JSON.parse(text, (_key, part: unknown) =>
    typeof part === 'string' ? part.replaceAll('\0', '\ufffd').toWellFormed() : part,
  ) as T
}
