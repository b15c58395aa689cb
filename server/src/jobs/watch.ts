import type { PgBoss } from 'pg-boss'
import type { Pool } from '../metadata/index.ts'
import { type QueueState, readQueues } from './queries.ts'
import { heartbeat } from './queues.ts'

export interface Watch extends Disposable {
  /** Has a worker woken when its queue holds a job that is due. */
  wakes(queue: string, worker: string): void
}

/** Between two looks: while there are jobs anywhere, and else, as an idle registry should cost next to nothing. */
const periodMs = { busy: 1_000, idle: 3_000 } as const

/**
 * Asks from time to time, in one query for all queues, what is due and what was left behind by a dead worker. A new job
 * wakes workers by itself; this is for jobs that become due (retries), and for those that nobody is working on any more.
 * The supervision that comes with the queue does the same with ten times the queries, and not within ten seconds.
 */
export function startWatch(boss: PgBoss, pool: Pool, names: readonly string[], onError: (error: Error) => void): Watch {
  const workers = new Map<string, string[]>()
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const again = (busy: boolean) => {
    if (!stopped) timer = setTimeout(() => void look(), busy ? periodMs.busy : periodMs.idle)
  }
  const look = async (): Promise<void> => {
    let busy = true
    try {
      const states = await readQueues(pool, names, heartbeat.lostAfterMs)
      await act(states)
      busy = states.some((state) => state.busy)
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)))
    }
    again(busy)
  }
  async function act(states: readonly QueueState[]): Promise<void> {
    for (const { name, due, lost } of states) {
      // By attempt: two processes that see the same loss give the job back once.
      if (lost.length > 0) await boss.fail(name, [...lost], { message: 'its worker fell silent' })
      if (due) for (const worker of workers.get(name) ?? []) boss.notifyWorker(worker)
    }
  }
  again(true)
  return {
    wakes(queue, worker) {
      workers.set(queue, [...(workers.get(queue) ?? []), worker])
    },
    [Symbol.dispose]() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
