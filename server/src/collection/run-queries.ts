import type { Db, Tx } from '../metadata/index.ts'
import type { Counts } from './collector.ts'
import type { Strays } from './strays.ts'

export type Trigger = 'Manual' | 'Schedule' | 'Continuous'
export type RunState = 'Pending' | 'Running' | 'Success' | 'Error' | 'Stopped'

export interface RunParameters {
  /** Says what would go, and changes nothing. */
  readonly dryRun?: boolean | undefined
  /** Deletes artifacts without a tag first. */
  readonly deleteUntagged?: boolean | undefined
  /** Dooms bytes of the store that have no record. */
  readonly strays?: boolean | undefined
}

/** A collection that somebody asked for, or one by itself that did something. */
export interface Run {
  readonly id: number
  readonly trigger: Trigger
  readonly parameters: RunParameters
  readonly state: RunState
  readonly counts: Partial<Counts & Strays> & { readonly untagged?: number }
  readonly createdAt: Date
  readonly updatedAt: Date
}

const columns = 'id, trigger, parameters, state, counts, created_at as "createdAt", updated_at as "updatedAt"'

/** Those that lists show; each row of "asked". */
const asked = `trigger <> 'Continuous'`

export async function insertRun(tx: Tx, trigger: Trigger, parameters: RunParameters): Promise<number> {
  const { rows } = await tx.query<{ id: number }>(
    'insert into collection_run (trigger, parameters) values ($1, $2) returning id',
    [trigger, JSON.stringify(parameters)],
  )
  return rows[0]?.id ?? 0
}

/** A collection that somebody or a schedule asked for. */
export async function findRun(db: Db, id: number): Promise<Run | undefined> {
  const { rows } = await db.query<Run>(`select ${columns} from collection_run where id = $1 and ${asked}`, [id])
  return rows[0]
}

export async function findRunLog(db: Db, id: number): Promise<string | undefined> {
  const { rows } = await db.query<{ log: string }>(`select log from collection_run where id = $1 and ${asked}`, [id])
  return rows[0]?.log
}

/** Newest first. */
export async function listRuns(db: Db, limit: number, offset: number): Promise<{ runs: Run[]; total: number }> {
  const { rows } = await db.query<Run>(
    `select ${columns} from collection_run where ${asked} order by id desc limit $1 offset $2`,
    [limit, offset],
  )
  const counted = await db.query<{ total: number }>(`select count(*) as total from collection_run where ${asked}`)
  return { runs: rows, total: counted.rows[0]?.total ?? 0 }
}

/** The run that the schedule asked for and that has not ended, where a process died over it. */
export async function unfinishedScheduled(tx: Tx): Promise<number | undefined> {
  const { rows } = await tx.query<{ id: number }>(
    `select id from collection_run where trigger = 'Schedule' and state in ('Pending', 'Running') order by id limit 1`,
  )
  return rows[0]?.id
}

/** Begins a run, or goes on with it; undefined where it has ended. */
export async function beginRun(tx: Tx, id: number): Promise<Run | undefined> {
  const { rows } = await tx.query<Run>(
    `update collection_run set state = 'Running', updated_at = now()
     where id = $1 and state in ('Pending', 'Running') returning ${columns}`,
    [id],
  )
  return rows[0]
}

const mostLog = 1_000_000

/** Notes how far a run is; false where it was stopped. */
export async function noteRun(tx: Tx, id: number, counts: Run['counts'], line: string | undefined): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update collection_run set counts = $2, updated_at = now(), log = case when length(log) < ${mostLog}
       then log || coalesce(to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z "') || $3::text || E'\\n', '')
       else log end
     where id = $1 and state = 'Running'`,
    [id, JSON.stringify(counts), line ?? null],
  )
  return rowCount === 1
}

export async function endRun(tx: Tx, id: number, state: 'Success' | 'Error'): Promise<void> {
  await tx.query(`update collection_run set state = $2, updated_at = now() where id = $1 and state = 'Running'`, [
    id,
    state,
  ])
}

/** Ends a run of those that lists show; false where none of the id goes on. */
export async function stopRun(tx: Tx, id: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update collection_run set state = 'Stopped', updated_at = now()
     where id = $1 and ${asked} and state in ('Pending', 'Running')`,
    [id],
  )
  return rowCount === 1
}

/** Keeps a collection by itself that did something. */
export async function keepContinuous(tx: Tx, counts: Counts): Promise<void> {
  await tx.query(`insert into collection_run (trigger, state, counts) values ('Continuous', 'Success', $1)`, [
    JSON.stringify(counts),
  ])
}

/** Drops runs that ended long ago. */
export async function forgetRuns(tx: Tx, days: number): Promise<void> {
  await tx.query(
    `delete from collection_run where updated_at < now() - $1 * interval '1 day' and state not in ('Pending', 'Running')`,
    [days],
  )
}

/** What all kept runs together did in the last `days`. */
export async function sumRuns(db: Db, days: number): Promise<{ readonly blobs: number; readonly bytes: number }> {
  const { rows } = await db.query<{ blobs: number; bytes: number }>(
    `select coalesce(sum((counts->>'blobs')::bigint), 0)::bigint as blobs,
       coalesce(sum((counts->>'bytes')::bigint), 0)::bigint as bytes
     from collection_run where updated_at > now() - $1 * interval '1 day' and not parameters @> '{"dryRun": true}'`,
    [days],
  )
  return rows[0] ?? { blobs: 0, bytes: 0 }
}
