import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'

/** A scan of everything. */
export interface Sweep {
  readonly id: number
  readonly trigger: 'Manual' | 'Schedule'
  /** Whether artifacts are still being asked for. */
  readonly listing: boolean
  readonly stopped: boolean
}

export async function insertSweep(tx: Tx, trigger: Sweep['trigger']): Promise<number> {
  const { rows } = await tx.query<{ id: number }>('insert into scan_all (trigger) values ($1) returning id', [trigger])
  return rows[0]?.id ?? 0
}

const columns = `id, trigger, listed_at is null and stopped_at is null as listing, stopped_at is not null as stopped`

export async function lastSweep(db: Db, trigger?: Sweep['trigger']): Promise<Sweep | undefined> {
  const { rows } = await db.query<Sweep>(
    `select ${columns} from scan_all where $1::text is null or trigger = $1 order by id desc limit 1`,
    [trigger ?? null],
  )
  return rows[0]
}

/** Keeps a stop from coming between; undefined where it has come, or all is asked for. */
export async function lockListing(tx: Tx, id: number): Promise<Sweep | undefined> {
  const { rows } = await tx.query<Sweep>(
    `select ${columns} from scan_all where id = $1 and listed_at is null and stopped_at is null for share`,
    [id],
  )
  return rows[0]
}

export async function endListing(tx: Tx, id: number): Promise<void> {
  await tx.query('update scan_all set listed_at = now() where id = $1 and listed_at is null', [id])
}

/** Manifests of repositories after `last`, each once, in the order of their digests. */
export async function listManifests(db: Db, last: Digest | undefined, limit: number): Promise<Digest[]> {
  const { rows } = await db.query<{ digest: Buffer }>(
    `select m.digest from manifest m
     where ($1::bytea is null or m.digest > $1) and exists (select from repository_manifest where digest = m.digest)
     order by m.digest limit $2`,
    [last ? digestToBytes(last) : null, limit],
  )
  return rows.map((row) => digestFromBytes(row.digest))
}

/** Ends a scan of everything, and those of its scans that wait or run. */
export async function putSweepStop(tx: Tx, id: number): Promise<void> {
  await tx.query('update scan_all set stopped_at = now() where id = $1 and stopped_at is null', [id])
  await tx.query(
    `update scan set state = 'stopped', failure = null, ended_at = now(), revision = revision + 1
     where sweep = $1 and state in ('pending', 'running')`,
    [id],
  )
  // Those that are only repeated keep what they have found.
  await tx.query(
    `update scan set ended_at = greatest(now(), requested_at)
     where sweep = $1 and state = 'success' and requested_at > ended_at`,
    [id],
  )
}

/** How many scans of a sweep there are in each of Harbor's states. */
export async function countSweep(db: Db, id: number): Promise<Readonly<Record<string, number>>> {
  const { rows } = await db.query<{ state: string; count: number }>(
    `select case when state = 'success' and requested_at > ended_at then 'Pending' else initcap(state) end as state,
       count(*) as count
     from scan where sweep = $1 group by 1`,
    [id],
  )
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
}

export interface SweepSchedule {
  readonly type: string
  /** Six fields, seconds first, as Harbor writes it. */
  readonly cron: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

export async function findSweepSchedule(db: Db): Promise<SweepSchedule | undefined> {
  const { rows } = await db.query<SweepSchedule>(
    'select type, cron, created_at as "createdAt", updated_at as "updatedAt" from scan_all_schedule',
  )
  return rows[0]
}

export async function putSweepSchedule(
  tx: Tx,
  schedule: Pick<SweepSchedule, 'type' | 'cron'> | undefined,
): Promise<void> {
  if (!schedule) {
    await tx.query('delete from scan_all_schedule')
    return
  }
  await tx.query(
    `insert into scan_all_schedule (type, cron) values ($1, $2)
     on conflict (id) do update set type = excluded.type, cron = excluded.cron, updated_at = now()`,
    [schedule.type, schedule.cron],
  )
}
