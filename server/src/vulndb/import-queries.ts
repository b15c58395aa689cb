import type { Actor } from '../ledger/index.ts'
import type { Db, Tx } from '../metadata/index.ts'

/** Why somebody wants an import: it was time, a push to the source, a person's request, a file that a person sent. */
export type ImportCause = 'refresh' | 'push' | 'request' | 'upload'

export type ImportState = 'waiting' | 'running' | 'done' | 'unchanged' | 'refused' | 'failed'

/** An import that was asked for, and what became of it. */
export interface ImportRecord {
  readonly id: number
  /** Null: the configured ones. */
  readonly source: string | null
  readonly force: boolean
  readonly cause: ImportCause
  readonly actor: Actor
  readonly state: ImportState
  readonly stage: string | null
  /** Bytes or rows of the stage, so far and in all. */
  readonly stageDone: number | null
  readonly stageTotal: number | null
  readonly generation: number | null
  readonly message: string | null
  readonly requestedAt: Date
  readonly startedAt: Date | null
  readonly endedAt: Date | null
}

const columns = `id, source, force, cause, actor, state, stage, stage_done as "stageDone", stage_total as "stageTotal",
  generation, message, requested_at as "requestedAt", started_at as "startedAt", ended_at as "endedAt"`

export async function insertImport(
  tx: Tx,
  asked: Pick<ImportRecord, 'source' | 'force' | 'cause' | 'actor'>,
): Promise<ImportRecord> {
  const { rows } = await tx.query<ImportRecord>(
    `insert into vulndb_import (source, force, cause, actor) values ($1, $2, $3, $4) returning ${columns}`,
    [asked.source, asked.force, asked.cause, JSON.stringify(asked.actor)],
  )
  const [row] = rows
  if (!row) throw new Error('an import was not inserted')
  return row
}

export async function findImport(db: Db, id: number): Promise<ImportRecord | undefined> {
  const { rows } = await db.query<ImportRecord>(`select ${columns} from vulndb_import where id = $1`, [id])
  return rows[0]
}

/** Newest first. */
export async function listImports(db: Db, limit: number): Promise<ImportRecord[]> {
  const { rows } = await db.query<ImportRecord>(`select ${columns} from vulndb_import order by id desc limit $1`, [
    limit,
  ])
  return rows
}

/** The oldest that waits and is not of an upload, which only its own process can do. */
export async function nextWaiting(db: Db): Promise<ImportRecord | undefined> {
  const { rows } = await db.query<ImportRecord>(
    `select ${columns} from vulndb_import where state = 'waiting' and cause <> 'upload' order by id limit 1`,
  )
  return rows[0]
}

export async function startImport(tx: Tx, id: number): Promise<void> {
  await tx.query(`update vulndb_import set state = 'running', started_at = now() where id = $1`, [id])
}

/** Where an import stands. */
export interface ImportProgress {
  readonly stage: string
  readonly done: number
  readonly total: number | undefined
}

export async function setProgress(tx: Tx, id: number, { stage, done, total }: ImportProgress): Promise<void> {
  await tx.query(
    `update vulndb_import set stage = $2, stage_done = $3, stage_total = $4 where id = $1 and state = 'running'`,
    [id, stage, done, total ?? null],
  )
}

export interface ImportOutcome {
  readonly state: Exclude<ImportState, 'waiting' | 'running'>
  readonly source?: string | undefined
  readonly generation?: number
  readonly message?: string
}

export async function endImport(tx: Tx, id: number, outcome: ImportOutcome): Promise<void> {
  await tx.query(
    `update vulndb_import set state = $2, source = coalesce($3, source), generation = $4, message = $5, ended_at = now(),
       stage = null, stage_done = null, stage_total = null
     where id = $1`,
    [id, outcome.state, outcome.source ?? null, outcome.generation ?? null, outcome.message ?? null],
  )
  await tx.query('delete from vulndb_import where id <= $1 - 100', [id])
}

/** What processes left behind that died during an import. Only for who has the right to import: nobody else is at it. */
export async function abandonRunning(tx: Tx): Promise<void> {
  await tx.query(
    `update vulndb_import set state = 'waiting', stage = null, stage_done = null, stage_total = null
     where state = 'running' and cause <> 'upload'`,
  )
  await tx.query(
    `update vulndb_import set state = 'failed', ended_at = now(), message = $1
     where cause = 'upload' and (state = 'running' or state = 'waiting' and requested_at < now() - interval '1 hour')`,
    ['The server ended before the import did. Send the file again.'],
  )
}

/** Whether the configured sources have been asked within this time, or are about to be. */
export async function wasAskedLately(db: Db, withinMs: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from vulndb_import
     where cause in ('refresh', 'push') and (state = 'waiting' or started_at > now() - $1 * interval '1 ms') limit 1`,
    [withinMs],
  )
  return rowCount === 1
}
