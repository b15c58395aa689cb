import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { formatVulndbSource, parseVulndbSource, type VulndbSource } from '../config/index.ts'
import { record, recordRefusal } from '../ledger/index.ts'
import { type Connection, isUnavailable, type Pool, type Tx, transaction } from '../metadata/index.ts'
import type { Logger } from '../observability/index.ts'
import { answerUnanswered } from './answers.ts'
import { checkAge, checkLoss, total } from './checks.ts'
import { fetchDatabase, findDatabase } from './fetch/fetch.ts'
import type { OwnRegistry } from './fetch/own.ts'
import type { Generation } from './generation.ts'
import {
  endImport,
  type ImportOutcome,
  type ImportProgress,
  type ImportRecord,
  setProgress,
  startImport,
} from './import-queries.ts'
import { discardGeneration } from './leftovers.ts'
import { loadInThread } from './load-thread.ts'
import { findCurrent, findGeneration, flip, insertGeneration, lockGeneration } from './queries.ts'
import { ImportRefused, SourceUnavailable } from './refusal.ts'

/** What others do about a generation before it is the current one. */
export interface FlipHooks {
  /** Every known question is answered; what takes long is done now, while the generation before is in use. */
  prepare(generation: Generation): Promise<void>
  /** The rest, in the transaction that flips: what has come since, while nobody registers questions. */
  complete(tx: Tx, generation: Generation): Promise<void>
}

export interface ImportDeps {
  readonly pool: Pool
  readonly connection: Connection
  readonly own: OwnRegistry
  /** The configured sources. */
  readonly sources: readonly VulndbSource[]
  /** For files on their way in. */
  readonly folder: string
  readonly log: Logger
  readonly hooks: FlipHooks
}

/** Does one import, and writes what became of it. Throws where it has to be done again: the signal, or the database away. */
export async function runImport(deps: ImportDeps, asked: ImportRecord, signal: AbortSignal): Promise<ImportOutcome> {
  const { pool } = deps
  await transaction(pool, (tx) => startImport(tx, asked.id))
  const outcome = await attempt(deps, asked, signal)
  // An import that is done said so in the transaction that flipped.
  if (outcome.state !== 'done') await transaction(pool, (tx) => endImport(tx, asked.id, outcome))
  if (outcome.state === 'refused') {
    const object = `vulnerability database ${outcome.source ?? ''}`.trim()
    await recordRefusal(pool, asked.actor, { action: 'vulndb.import', object, reason: reasonOf(outcome) })
  }
  return outcome
}

/** The ledger counts equal reasons in an index, whose entries have a limit; the import's own record has all of it. */
function reasonOf({ message = '' }: ImportOutcome): string {
  return message.slice(0, 500)
}

async function attempt(deps: ImportDeps, asked: ImportRecord, signal: AbortSignal): Promise<ImportOutcome> {
  const failures: string[] = []
  for (const source of sourcesOf(deps, asked)) {
    try {
      return await importFrom(deps, asked, source, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof ImportRefused) return { state: 'refused', source: source.name, message: error.message }
      if (error instanceof SourceUnavailable) failures.push(error.message)
      else if (isUnavailable(error)) throw error
      else {
        deps.log.error({ err: error, source: source.name }, 'an import of the vulnerability database failed')
        const message = error instanceof Error ? error.message : String(error)
        return { state: 'failed', source: source.name, message }
      }
    }
  }
  const none = 'No source is configured. Set vulndb.source (BREAKWATER_VULNDB_SOURCE), or name one.'
  return { state: 'failed', message: failures.join(' ') || none }
}

interface NamedSource {
  readonly source: VulndbSource
  /** As records show it. */
  readonly name: string
}

function sourcesOf({ sources, folder }: ImportDeps, { id, source, cause }: ImportRecord): NamedSource[] {
  if (cause === 'upload') {
    return [{ source: { kind: 'file', path: uploadPath(folder, id) }, name: source ?? 'upload' }]
  }
  const given = source === null ? undefined : parseVulndbSource(source)
  const chosen = source === null ? sources : given ? [given] : []
  return chosen.map((one) => ({ source: one, name: formatVulndbSource(one) }))
}

/** Where a file that somebody sent waits for its import. */
export function uploadPath(folder: string, id: number): string {
  return join(folder, `upload-${id}`)
}

async function importFrom(
  deps: ImportDeps,
  asked: ImportRecord,
  { source, name }: NamedSource,
  signal: AbortSignal,
): Promise<ImportOutcome> {
  const { pool } = deps
  const tell = progressOf(deps, asked.id)
  tell({ stage: 'looking', done: 0, total: undefined })
  const found = await findDatabase(deps.own, source, signal)
  const current = await findCurrent(pool)
  const unchanged: ImportOutcome = { state: 'unchanged', source: name }
  if (current && found.digest === current.digest && !asked.force) return { ...unchanged, generation: current.id }

  const folder = join(deps.folder, 'import')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    const size = found.kind === 'archive' ? found.size : undefined
    const onBytes = (done: number) => tell({ stage: 'fetching', done, total: size })
    const { path, metadata, digest } = await fetchDatabase(found, folder, { onBytes, signal })
    if (current && digest === current.digest && !asked.force) return { ...unchanged, generation: current.id }
    const { updatedAt: builtAt, nextUpdate } = metadata
    checkAge({ builtAt }, current, { force: asked.force, now: new Date() })
    const id = await transaction(pool, (tx) => insertGeneration(tx, { digest, source: name, builtAt, nextUpdate }))
    try {
      return await takeIn(deps, asked, { id, path, current, tell, signal })
    } catch (error) {
      await discardGeneration(pool, id).catch((err: unknown) =>
        deps.log.warn({ err, generation: id }, 'an unfinished import is cleared away later'),
      )
      throw error
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Loads a generation that has a row, and flips to it. */
async function takeIn(
  { pool, connection, hooks, log }: ImportDeps,
  asked: ImportRecord,
  {
    id,
    path,
    current,
    tell,
    signal,
  }: {
    readonly id: number
    readonly path: string
    readonly current: Generation | undefined
    readonly tell: (progress: ImportProgress) => void
    readonly signal: AbortSignal
  },
): Promise<ImportOutcome> {
  const began = performance.now()
  const counts = await loadInThread({ connection, generation: id, path }, tell, signal)
  if (current) checkLoss(counts, current.counts, asked.force)
  const generation = await findGeneration(pool, id)
  if (!generation) throw new Error(`generation ${id} has gone`)
  tell({ stage: 'judging', done: 0, total: undefined })
  await hooks.prepare(generation)
  signal.throwIfAborted()
  await transaction(pool, async (tx) => {
    await lockGeneration(tx)
    await answerUnanswered(tx, generation)
    await hooks.complete(tx, generation)
    await flip(tx, id)
    await endImport(tx, asked.id, { state: 'done', source: generation.source, generation: id })
    await record(tx, asked.actor, {
      action: 'vulndb.import',
      object: `vulnerability database ${generation.source}`,
      detail: describe(generation, current, asked.force),
    })
  })
  const seconds = Math.round((performance.now() - began) / 100) / 10
  const { source, builtAt } = generation
  log.info({ source, builtAt, advisories: total(counts), seconds }, 'vulnerability database imported')
  return { state: 'done', source, generation: id }
}

function describe(
  { digest, builtAt, counts }: Generation,
  replaced: Generation | undefined,
  forced: boolean,
): Record<string, unknown> {
  return {
    digest,
    builtAt,
    advisories: total(counts),
    forced,
    ...(replaced ? { replaced: { digest: replaced.digest, builtAt: replaced.builtAt } } : {}),
  }
}

const tellEveryMs = 500

/** Writes where an import stands, not more often than somebody looks. */
function progressOf({ pool, log }: ImportDeps, id: number): (progress: ImportProgress) => void {
  let last = { stage: '', at: 0 }
  let writing = Promise.resolve()
  return (progress) => {
    const now = performance.now()
    if (progress.stage === last.stage && now - last.at < tellEveryMs) return
    last = { stage: progress.stage, at: now }
    writing = writing
      .then(() => transaction(pool, (tx) => setProgress(tx, id, progress)))
      .catch((err: unknown) => log.debug({ err }, 'progress was not written'))
  }
}
