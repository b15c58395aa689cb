import { Worker } from 'node:worker_threads'
import type { Connection } from '../metadata/index.ts'
import type { Generation } from './generation.ts'
import type { ImportProgress } from './import-queries.ts'
import { ImportRefused } from './refusal.ts'

/** What the thread is told at its start. */
export interface LoadTask {
  readonly connection: Connection
  readonly generation: number
  /** `trivy.db` */
  readonly path: string
}

export type FromLoader =
  | { readonly type: 'progress'; readonly progress: ImportProgress }
  | { readonly type: 'done'; readonly counts: Generation['counts'] }
  | { readonly type: 'refused'; readonly message: string }
  | { readonly type: 'failed'; readonly error: unknown }

/** Megabytes of JavaScript objects: one batch of answers, and not the database. */
const heapMegabytes = 512

/**
 * Reads a database into the tables of a generation and answers every known question by it, in a thread, so that requests
 * don't wait. Returns the advisories of each bucket. Throws ImportRefused where the file is broken.
 */
export async function loadInThread(
  task: LoadTask,
  onProgress: (progress: ImportProgress) => void,
  signal: AbortSignal,
): Promise<Generation['counts']> {
  signal.throwIfAborted()
  const worker = new Worker(new URL('./load-entry.ts', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  })
  const result = Promise.withResolvers<Generation['counts']>()
  worker.on('message', (message: FromLoader) => {
    if (message.type === 'progress') onProgress(message.progress)
    else if (message.type === 'done') result.resolve(message.counts)
    else if (message.type === 'refused') result.reject(new ImportRefused(message.message))
    else result.reject(message.error)
  })
  worker.on('error', (error) => result.reject(error))
  worker.on('exit', (code) => result.reject(new Error(`the thread that reads the database ended with ${code}`)))
  const end = () => result.reject(signal.reason)
  signal.addEventListener('abort', end)
  try {
    return await result.promise
  } finally {
    signal.removeEventListener('abort', end)
    await worker.terminate()
  }
}
