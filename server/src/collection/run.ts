import { setTimeout as sleep } from 'node:timers/promises'
import { digestFromBytes, RegistryError } from '@breakwater/oci'
import { removeArtifact } from '../artifacts/index.ts'
import type { ContentStore } from '../content/index.ts'
import type { Jobs } from '../jobs/index.ts'
import { system } from '../ledger/index.ts'
import { type Pool, type Tx, transaction } from '../metadata/index.ts'
import type { Logger } from '../observability/index.ts'
import type { Collector, Counts } from './collector.ts'
import { countUntagged, forecast, listUntagged } from './forecast-queries.ts'
import {
  beginRun,
  endRun,
  forgetRuns,
  insertRun,
  keepContinuous,
  noteRun,
  type Run,
  type RunParameters,
  unfinishedScheduled,
} from './run-queries.ts'
import { findCollectionSchedule, type NewSchedule, putCollectionSchedule } from './schedule-queries.ts'
import type { Windows } from './stages.ts'
import { findStrays, type Strays } from './strays.ts'

export interface CollectionDeps {
  readonly pool: Pool
  readonly store: Pick<ContentStore, 'list'>
  readonly jobs: Jobs
  readonly windows: Windows
  /** Milliseconds between two looks at what is due. */
  readonly interval: number
  readonly collector: Collector
  readonly log: Pick<Logger, 'warn'>
}

/** What a job of queue `collection` is about. */
interface Work {
  readonly run?: number
  readonly scheduled?: boolean
}

/** How long runs are listed. */
const keptDays = 90

/** Asks for a collection beside the one that never ends; returns its id. */
export async function startRun(tx: Tx, jobs: Pick<Jobs, 'enqueue'>, parameters: RunParameters): Promise<number> {
  const run = await insertRun(tx, 'Manual', parameters)
  await jobs.enqueue(tx, 'collection', { key: `run ${run}`, data: { run } satisfies Work, lane: 'manual' })
  return run
}

/** When collections are asked for by themselves; undefined: never. */
export async function scheduleRuns(
  tx: Tx,
  jobs: Pick<Jobs, 'schedule'>,
  schedule: NewSchedule | undefined,
): Promise<void> {
  await putCollectionSchedule(tx, schedule)
  // Seconds are Harbor's; the queue looks once a minute.
  const cron = schedule?.cron.trim().split(/\s+/).slice(1).join(' ')
  await jobs.schedule('collection', cron, { key: 'scheduled', data: { scheduled: true } satisfies Work })
}

/** Collects in this process as in others, all the time, and does the runs that are asked for; disposing of it ends both. */
export async function workOnCollection(deps: CollectionDeps): Promise<AsyncDisposable> {
  const { jobs } = deps
  await jobs.work<Work>('collection', { concurrency: 2 }, async ({ run, scheduled }, signal) => {
    if (run !== undefined) return doRun(deps, run, signal)
    if (scheduled) return doRun(deps, await transaction(deps.pool, scheduledRun), signal)
  })
  // Earlier releases collected by a job of each minute.
  await jobs.schedule('collection', undefined, { key: 'continuous', data: {} satisfies Work })
  const stopping = new AbortController()
  const collecting = collectOnAndOn(deps, stopping.signal)
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await collecting
    },
  }
}

/**
 * Not a job: the protocol needs no queue to be safe, and a collector that dies, or whose database does, must not leave the
 * next one waiting for a queue to find out.
 */
async function collectOnAndOn({ pool, interval, collector, log }: CollectionDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const counts = await collector.collect(signal)
      await transaction(pool, async (tx) => {
        if (counts.blobs + counts.links + counts.manifests > 0) await keepContinuous(tx, counts)
        await forgetRuns(tx, keptDays)
      })
    } catch (err) {
      if (!signal.aborted) log.warn({ err }, 'collection failed; it is tried again')
    }
    // Processes that started together look at different times.
    await sleep(interval * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined)
  }
}

async function scheduledRun(tx: Tx): Promise<number> {
  const schedule = await findCollectionSchedule(tx)
  return (await unfinishedScheduled(tx)) ?? insertRun(tx, 'Schedule', schedule?.parameters ?? {})
}

async function doRun(deps: CollectionDeps, id: number, signal: AbortSignal): Promise<void> {
  const { pool } = deps
  const run = await transaction(pool, (tx) => beginRun(tx, id))
  if (!run) return
  const note = async (counts: Run['counts'], line?: string) => {
    if (!(await transaction(pool, (tx) => noteRun(tx, id, counts, line)))) throw new Stopped()
  }
  try {
    await (run.parameters.dryRun ? foresee(deps, run, note, signal) : collectAll(deps, run, note, signal))
    await transaction(pool, (tx) => endRun(tx, id, 'Success'))
  } catch (error) {
    if (error instanceof Stopped) return
    // Where the process stops, the next one goes on with the run.
    if (signal.aborted) throw error
    await note({}, `failed: ${error instanceof Error ? error.message : String(error)}`)
    await transaction(pool, (tx) => endRun(tx, id, 'Error'))
  }
}

/** Somebody ended the run. */
class Stopped extends Error {}

type Note = (counts: Run['counts'], line?: string) => Promise<void>

async function foresee(deps: CollectionDeps, { parameters }: Run, note: Note, signal: AbortSignal): Promise<void> {
  const { pool, windows } = deps
  const found = await forecast(pool, windows)
  const untagged = parameters.deleteUntagged ? await countUntagged(pool, windows.grace) : 0
  const strays = parameters.strays ? await findStrays(deps, { doom: false, signal }) : undefined
  const counts = { ...found, ...(parameters.deleteUntagged ? { untagged } : {}), ...strays }
  if (strays) await note(counts, `${sayStrays(strays)} would be doomed`)
  if (parameters.deleteUntagged) await note(counts, `${untagged} artifacts without a tag would be deleted`)
  await note(
    counts,
    `${found.blobs} blobs would be deleted, ${found.manifests} of them manifests: ${found.bytes} bytes`,
  )
  await note(counts, 'nothing was changed')
}

const sayStrays = ({ strays, strayBytes }: Strays) => `${strays} blobs without a record (${strayBytes} bytes)`

async function collectAll(deps: CollectionDeps, { parameters }: Run, note: Note, signal: AbortSignal): Promise<void> {
  const { pool, windows, collector } = deps
  const untagged = parameters.deleteUntagged ? { untagged: await deleteUntagged(pool, windows, signal) } : {}
  await note(
    untagged,
    parameters.deleteUntagged ? `${untagged.untagged} artifacts without a tag are deleted` : undefined,
  )
  const strays = parameters.strays ? await findStrays(deps, { doom: true, signal }) : undefined
  const before = { ...untagged, ...strays }
  if (strays) await note(before, `${sayStrays(strays)} are doomed`)
  const counts = await collector.collect(signal, (so: Counts) => note({ ...before, ...so }))
  await note(
    { ...before, ...counts },
    `${counts.links} blobs left a repository, ${counts.manifests} manifests are forgotten`,
  )
  await note({ ...before, ...counts }, `${counts.blobs} blobs are deleted: ${counts.bytes} bytes`)
  if (counts.failed > 0)
    await note({ ...before, ...counts }, `${counts.failed} could not be deleted; they are tried again`)
}

/** Artifacts of one transaction each; one that an index has come to list meanwhile stays. */
async function deleteUntagged(pool: Pool, { grace }: Windows, signal: AbortSignal): Promise<number> {
  let deleted = 0
  for (let last = 0; ; ) {
    const found = await listUntagged(pool, grace, last, 100)
    for (const { digest, ...place } of found) {
      signal.throwIfAborted()
      const removed = await transaction(pool, (tx) => removeArtifact(tx, place, digestFromBytes(digest), system)).catch(
        (error: unknown) => {
          if (error instanceof RegistryError && error.code === 'PRECONDITION') return false
          throw error
        },
      )
      if (removed) deleted += 1
    }
    const end = found.at(-1)
    if (!end) return deleted
    last = end.id
  }
}
