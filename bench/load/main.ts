import { percentile } from '../lib/statistics.ts'
import type { FromLoad, Job, LoadResult } from './job.ts'
import { prepareListing } from './listing.ts'
import { prepareRequests } from './requests.ts'
import { prepareUpload } from './upload.ts'

/**
 * The load process. Its parent sends a job; it prepares (contents, connections), says `ready`, runs on the next
 * message, and answers `done` or `failed`. It is a process of its own so that its CPU is nobody's figure.
 */
const messages: unknown[] = []
const waiting: ((message: unknown) => void)[] = []
process.on('message', (message) => {
  const taker = waiting.shift()
  if (taker) taker(message)
  else messages.push(message)
})

function received(): Promise<unknown> {
  if (messages.length > 0) return Promise.resolve(messages.shift())
  return new Promise((resolve) => waiting.push(resolve))
}

function tell(message: FromLoad): Promise<void> {
  return new Promise((resolve) => process.send?.(message, () => resolve()))
}

function prepare(job: Job): Promise<() => Promise<number[]>> {
  switch (job.kind) {
    case 'requests':
      return prepareRequests(job)
    case 'upload':
      return Promise.resolve(prepareUpload(job))
    case 'listing':
      return Promise.resolve(prepareListing(job))
  }
}

async function perform(): Promise<LoadResult> {
  const run = await prepare((await received()) as Job)
  await tell({ kind: 'ready' })
  await received()
  const begun = performance.now()
  const durations = await run()
  const seconds = (performance.now() - begun) / 1000
  durations.sort((a, b) => a - b)
  return {
    count: durations.length,
    seconds,
    p50Ms: percentile(durations, 0.5),
    p95Ms: percentile(durations, 0.95),
    p99Ms: percentile(durations, 0.99),
  }
}

await perform().then(
  (result) => tell({ kind: 'done', result }),
  (cause: unknown) => tell({ kind: 'failed', message: String(cause) }),
)
process.exit()
