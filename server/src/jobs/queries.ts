import type { Db, Tx } from '../metadata/index.ts'

export interface QueueState {
  readonly name: string
  /** There are jobs that are not done and not given up. */
  readonly busy: boolean
  /** A job could be taken now. */
  readonly due: boolean
  /** Jobs whose worker is silent, by attempt. */
  readonly lost: readonly { readonly id: string; readonly retryCount: number }[]
}

/** What waits and what was left behind, at most 100 lost jobs for each queue. */
export async function readQueues(db: Db, names: readonly string[], lostAfterMs: number): Promise<QueueState[]> {
  const { rows } = await db.query<QueueState>({
    name: 'jobs-watch',
    text: `select queue.name,
                  exists (select from pgboss.job where name = queue.name and state <= 'active') as busy,
                  exists (select from pgboss.job
                          where name = queue.name and state < 'active' and not blocked and start_after <= now()) as due,
                  coalesce((select json_agg(json_build_object('id', id, 'retryCount', retry_count))
                            from (select id, retry_count from pgboss.job
                                  where name = queue.name and state = 'active'
                                    and heartbeat_on < now() - $2::integer * interval '1 ms'
                                  limit 100) as silent), '[]') as lost
           from unnest($1::text[]) as queue (name)`,
    values: [names, lostAfterMs],
  })
  return rows
}

export interface QueueMeasure {
  readonly name: string
  readonly waiting: number
  /** Seconds since the oldest of them was queued. */
  readonly latency: number
}

/** How much waits in each queue, counted up to ten thousand. */
export async function measureQueues(db: Db, names: readonly string[]): Promise<QueueMeasure[]> {
  const { rows } = await db.query<QueueMeasure>({
    name: 'jobs-measure',
    text: `select queue.name, count(one.created_on)::integer as waiting,
                  coalesce(extract(epoch from now() - min(one.created_on)), 0)::double precision as latency
           from unnest($1::text[]) as queue (name)
             left join lateral (select created_on from pgboss.job where name = queue.name and state < 'active'
                                limit 10000) as one on true
           group by queue.name`,
    values: [names],
  })
  return rows
}

/** How many kinds of jobs are queued at times that are set. */
export async function countSchedules(db: Db): Promise<number> {
  const { rows } = await db.query<{ count: number }>('select count(*) as count from pgboss.schedule')
  return rows[0]?.count ?? 0
}

/** Moves the waiting job of a key forward; never back. */
export async function raisePriority(tx: Tx, queue: string, key: string, priority: number): Promise<void> {
  await tx.query(
    `update pgboss.job set priority = $3
     where name = $1 and singleton_key = $2 and state < 'active' and priority < $3`,
    [queue, key, priority],
  )
}

export interface WaitingJobs {
  readonly jobs: readonly { queue: string; key: string; data: object; priority: number }[]
  readonly schedules: readonly { queue: string; key: string; cron: string; data: object; options: object }[]
}

/** What is not done, each key of a queue once, and what is queued at times. */
export async function waitingJobs(db: Db): Promise<WaitingJobs> {
  const known = await db.query<{ present: boolean }>(`select to_regclass('pgboss.job') is not null as present`)
  if (!known.rows[0]?.present) return { jobs: [], schedules: [] }
  const jobs = await db.query<WaitingJobs['jobs'][number]>(
    `select distinct on (name, singleton_key) name as queue, singleton_key as key, data, priority from pgboss.job
     where state <= 'active' and singleton_key is not null order by name, singleton_key, priority desc`,
  )
  const schedules = await db.query<WaitingJobs['schedules'][number]>(
    'select name as queue, key, cron, data, options from pgboss.schedule order by name, key',
  )
  return { jobs: jobs.rows, schedules: schedules.rows }
}

/** Sets times for jobs of queues that are there. */
export async function putSchedules(tx: Tx, schedules: WaitingJobs['schedules']): Promise<void> {
  for (const { queue, key, cron, data, options } of schedules) {
    await tx.query(
      `insert into pgboss.schedule (name, key, cron, data, options) select name, $2, $3, $4, $5 from pgboss.queue
       where name = $1 on conflict do nothing`,
      [queue, key, cron, data, options],
    )
  }
}
