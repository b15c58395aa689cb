import { PgBoss, type Job as Taken } from 'pg-boss'
import { type Database, isUnavailable, type Tx } from '../metadata/index.ts'
import type { Logger, Tracing } from '../observability/index.ts'
import { putSchedules, raisePriority, type WaitingJobs } from './queries.ts'
import { common, heartbeat, type Lane, priorities, type QueueName, queues } from './queues.ts'
import { startWatch, type Watch } from './watch.ts'

export interface Job {
  /**
   * What the job is about. Of jobs with the same key one waits at most, and none runs beside another; `data` should
   * follow from the key, as that of a job that waits already is kept.
   */
  readonly key: string
  readonly data: object
  readonly lane: Lane
}

export interface Jobs extends AsyncDisposable {
  /**
   * Queues a job that exists once `tx` commits. One that waits under the same key is moved forward to this lane instead;
   * one that runs is followed by this one. A transaction that queues several does so in the order of their keys.
   */
  enqueue(tx: Tx, queue: QueueName, job: Job): Promise<void>
  /**
   * Takes jobs of a queue, at most `concurrency` at once in this process; with two or more, one place is kept for those
   * that somebody waits for. A job whose handler throws is tried again, later and later, six times in all; it can also
   * run again after it was done, if the process died before that was written. `signal` ends with the process's patience.
   * In a process that takes no jobs this does nothing.
   */
  work<T extends object>(
    queue: QueueName,
    { concurrency }: { readonly concurrency: number },
    handler: (data: T, signal: AbortSignal) => Promise<void>,
  ): Promise<void>
  /** Queues what waited when a backup was made, as long as there are queues of those names. Exists once `tx` commits. */
  putBack(tx: Tx, waiting: WaitingJobs): Promise<void>
  /** Queues a job in lane `sweep` at the times of a cron expression of five fields, in UTC; without one, no more. */
  schedule(queue: QueueName, cron: string | undefined, job: Omit<Job, 'lane'>): Promise<void>
}

/** How long a stopping process waits for handlers that were told to end. */
const patienceMs = 5_000

export interface JobsOptions {
  /** Where false, jobs are queued and none is taken. */
  readonly works: boolean
  /** Told of each attempt that begins, and that it has ended. */
  readonly began?: (queue: string) => void
  readonly ended?: (queue: string, success: boolean, seconds: number) => void
  readonly tracing?: Tracing | undefined
}

/** Opens the queues, making their tables where they are missing. */
export async function createJobs(
  database: Pick<Database, 'connection' | 'pool'>,
  log: Logger,
  options: JobsOptions,
): Promise<Jobs> {
  const boss = new PgBoss({
    ...database.connection,
    max: 3,
    application_name: 'breakwater-jobs',
    connectionTimeoutMillis: 5_000,
    useListenNotify: true,
    // Nobody reads them, and sampling costs more than the queue does when idle.
    registerInstance: false,
    openTelemetry: { enabled: false },
    flowIntervalSeconds: 3_600,
    bamIntervalSeconds: 600,
    cronWorkerIntervalSeconds: 45,
  })
  const report = reporter(log)
  boss.on('error', report)
  boss.on('warning', ({ message, data }) => log.debug({ data }, message))
  await boss.start()
  for (const [name, options] of Object.entries(queues)) {
    await boss.createQueue(name, { ...common, ...options })
    const { policy, ...changeable } = common
    await boss.updateQueue(name, { ...changeable, ...options })
  }
  return open(boss, startWatch(boss, database.pool, Object.keys(queues), report), log, options)
}

function open(boss: PgBoss, watch: Watch, log: Logger, { works, began, ended, tracing }: JobsOptions): Jobs {
  const stopping = new AbortController()
  return {
    async enqueue(tx, queue, { key, data, lane }) {
      const priority = priorities[lane]
      const db = { executeSql: (text: string, values?: unknown[]) => tx.query(text, values) }
      const traceparent = tracing?.traceparent()
      const sent: object = traceparent === undefined ? data : { ...data, traceparent }
      const id = await boss.send(queue, sent, { singletonKey: key, priority, db })
      if (id === null) await raisePriority(tx, queue, key, priority)
    },
    async putBack(tx, { jobs, schedules }) {
      const db = { executeSql: (text: string, values?: unknown[]) => tx.query(text, values) }
      for (const { queue, key, data, priority } of jobs) {
        if (queue in queues) await boss.send(queue, data, { singletonKey: key, priority, db })
      }
      await putSchedules(tx, schedules)
    },
    async work<T extends object>(
      queue: QueueName,
      { concurrency }: { readonly concurrency: number },
      handler: (data: T, signal: AbortSignal) => Promise<void>,
    ) {
      if (!works) return
      for (let place = 0; place < concurrency; place += 1) {
        const reserved = place === 0 && concurrency > 1
        const options = {
          ...(reserved ? { minPriority: priorities.manual } : {}),
          heartbeatRefreshSeconds: heartbeat.refreshSeconds,
          // The watch wakes a worker for every job that is due; this is for a day on which both fail.
          notifyPollingIntervalSeconds: 30,
        }
        const id: string = await boss.work<T>(queue, options, async ([job]) => {
          try {
            if (job) await run(job, handler)
          } finally {
            // Where one was, there may be more: look at once instead of at the next poll.
            boss.notifyWorker(id)
          }
        })
        watch.wakes(queue, id)
      }
    },
    async schedule(queue, cron, { key, data }) {
      const options = { key, singletonKey: key, priority: priorities.sweep, tz: 'UTC' }
      if (cron === undefined) await boss.unschedule(queue, key)
      else await boss.schedule(queue, cron, data, options)
    },
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]()
      stopping.abort(new Error('the server is stopping'))
      await boss.stop({ graceful: true, timeout: patienceMs })
    },
  }

  async function run<T extends object>(job: Taken<T>, handler: (data: T, signal: AbortSignal) => Promise<void>) {
    // Another process may have traced what queued the job.
    const { traceparent: cause, ...data } = job.data as T & { readonly traceparent?: string }
    const own = { ...job, data: data as unknown as T }
    if (!tracing) return attempt(own, handler)
    return tracing.job({ queue: job.name, attempt: job.retryCount + 1, cause }, () => attempt(own, handler))
  }

  async function attempt<T extends object>(job: Taken<T>, handler: (data: T, signal: AbortSignal) => Promise<void>) {
    const begun = performance.now()
    began?.(job.name)
    const note = (success: boolean) => ended?.(job.name, success, (performance.now() - begun) / 1_000)
    try {
      await handler(job.data, AbortSignal.any([job.signal, stopping.signal]))
      note(true)
    } catch (err) {
      note(false)
      const { name: queue, data: about, retryCount } = job
      if (stopping.signal.aborted) log.info({ queue, about }, 'a job was interrupted; it goes on after the restart')
      else log.warn({ err, queue, about, attempt: retryCount + 1 }, 'a job failed')
      throw err
    }
  }
}

/** Logs what fails in the queue itself; an absent database once, until something else happens. */
function reporter(log: Logger): (error: Error) => void {
  let away = false
  return (error) => {
    if (!isUnavailable(error)) log.warn({ err: error }, 'the job queue failed; it is tried again')
    else if (!away) log.warn(`jobs wait for the database: ${error.message}`)
    away = isUnavailable(error)
  }
}
