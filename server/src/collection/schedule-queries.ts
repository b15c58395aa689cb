import type { Db, Tx } from '../metadata/index.ts'
import type { RunParameters } from './run-queries.ts'

/** When collections that are listed happen by themselves, beside the one that never ends. */
export interface CollectionSchedule {
  readonly type: string
  /** Six fields, seconds first, as Harbor writes it. */
  readonly cron: string
  readonly parameters: RunParameters
  readonly createdAt: Date
  readonly updatedAt: Date
}

export type NewSchedule = Pick<CollectionSchedule, 'type' | 'cron' | 'parameters'>

export async function findCollectionSchedule(db: Db): Promise<CollectionSchedule | undefined> {
  const { rows } = await db.query<CollectionSchedule>(
    `select type, cron, parameters, created_at as "createdAt", updated_at as "updatedAt" from collection_schedule`,
  )
  return rows[0]
}

export async function putCollectionSchedule(tx: Tx, schedule: NewSchedule | undefined): Promise<void> {
  if (!schedule) {
    await tx.query('delete from collection_schedule')
    return
  }
  await tx.query(
    `insert into collection_schedule (type, cron, parameters) values ($1, $2, $3)
     on conflict (id) do update set type = excluded.type, cron = excluded.cron, parameters = excluded.parameters,
       updated_at = now()`,
    [schedule.type, schedule.cron, JSON.stringify(schedule.parameters)],
  )
}
