import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { createPool } from '../metadata/index.ts'
import { load } from './load.ts'
import type { FromLoader, LoadTask } from './load-thread.ts'
import { ImportRefused } from './refusal.ts'

const tell = (message: FromLoader) => parentPort?.postMessage(message)

// Of this thread only: whoever pulls or pushes goes first.
setPriority(0, 10)
const task = workerData as LoadTask
const pool = createPool({ connection: task.connection, size: 2, onError: () => undefined })
try {
  const counts = await load(pool, task, (progress) => tell({ type: 'progress', progress }))
  tell({ type: 'done', counts })
} catch (error) {
  // Classes do not survive the way between threads.
  tell(error instanceof ImportRefused ? { type: 'refused', message: error.message } : { type: 'failed', error })
} finally {
  await pool.end()
}
