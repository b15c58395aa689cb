import { readLayer } from '@breakwater/inventory'
import { isChart, isDatabaseArchive } from '../content/data-artifact.ts'
import { documentLimit, isDocument } from '../content/document.ts'
import type { Answers, LayerReading, Task } from './task.ts'

/** Answers a question about a blob; runs in a thread. */
export async function answer(task: Task, bytes: AsyncIterable<Buffer>): Promise<Answers[Task['kind']]> {
  switch (task.kind) {
    case 'layer':
      return readLayerOf(bytes)
    case 'document':
      return isDocument(task.mediaType, await gather(bytes, documentLimit(task.mediaType) ?? 0))
    case 'chart':
      return isChart(task.name, bytes)
    case 'database':
      return isDatabaseArchive(bytes)
  }
}
