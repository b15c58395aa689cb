import { availableParallelism } from 'node:os'
import type { Answers, Source, Task } from './task.ts'
import { ReadingStopped, ReadingThread } from './thread.ts'

export interface ReadingPool extends AsyncDisposable {
  /**
   * Has a thread read a blob. Rejects with ReadingLost where the thread did not survive it or took too long, and with
   * whatever `source` throws, and with ReadingStopped when the pool is disposed.
   */
  read<K extends Task['kind']>(task: Extract<Task, { readonly kind: K }>, source: Source): Promise<Answers[K]>
}

const stopped = () => new ReadingStopped('the server is stopping')

/** Threads end after this time without work: an idle process keeps no memory for them. */
const idleMs = 30_000

/**
 * Threads that read what others have made: as many as there are processors but one, so that requests always find one,
 * and at a low priority. They start when needed; tasks wait for one in the order in which they came.
 */
export function createReadingPool(size = Math.max(1, availableParallelism() - 1)): ReadingPool {
  const idle: { readonly thread: ReadingThread; readonly timer: NodeJS.Timeout }[] = []
  const waiting: PromiseWithResolvers<ReadingThread>[] = []
  const all = new Set<ReadingThread>()
  let closed = false

  function take(): Promise<ReadingThread> {
    if (closed) return Promise.reject(stopped())
    const free = idle.pop()
    if (free) {
      clearTimeout(free.timer)
      return Promise.resolve(free.thread)
    }
    if (all.size < size) return Promise.resolve(start())
    const turn = Promise.withResolvers<ReadingThread>()
    waiting.push(turn)
    return turn.promise
  }

  function start(): ReadingThread {
    const thread = new ReadingThread()
    all.add(thread)
    return thread
  }

  function giveBack(thread: ReadingThread): void {
    const usable = thread.alive
    if (!usable) all.delete(thread)
    const next = waiting.shift()
    if (next) next.resolve(usable ? thread : start())
    else if (usable && !closed) rest(thread)
  }

  function rest(thread: ReadingThread): void {
    const timer = setTimeout(() => {
      idle.splice(
        idle.findIndex((one) => one.thread === thread),
        1,
      )
      all.delete(thread)
      void thread.end()
    }, idleMs).unref()
    idle.push({ thread, timer })
  }

  return {
    async read<K extends Task['kind']>(task: Extract<Task, { readonly kind: K }>, source: Source) {
      const thread = await take()
      try {
        return (await thread.read(task, source)) as Answers[K]
      } finally {
        giveBack(thread)
      }
    },
    async [Symbol.asyncDispose]() {
      closed = true
      for (const turn of waiting.splice(0)) turn.reject(stopped())
      for (const { timer } of idle) clearTimeout(timer)
      await Promise.all([...all].map((thread) => thread.end(stopped())))
    },
  }
}
