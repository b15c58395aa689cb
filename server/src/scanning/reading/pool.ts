import { availableParallelism } from 'node:os'
import { Reader, ReaderUnreachable, ReadingStopped } from './reader.ts'
import type { Answers, Source, Task } from './task.ts'

export interface ReadingPool extends AsyncDisposable {
  /**
   * Has a reader read a blob; `source` may be asked for its bytes twice. Rejects with ReadingLost where the reader did not survive it or took too long, and with
   * whatever `source` throws, and with ReadingStopped when the pool is disposed.
   */
  read<K extends Task['kind']>(task: Extract<Task, { readonly kind: K }>, source: Source): Promise<Answers[K]>
}

const stopped = () => new ReadingStopped('the server is stopping')

/** Readers end after this time without work: an idle server keeps no memory for them. */
const idleMs = 30_000

/**
 * Processes that read what others have made: as many as there are processors but one, so that requests always find one,
 * and at a low priority. They start when needed; tasks wait for one in the order in which they came.
 */
export function createReadingPool(size = Math.max(1, availableParallelism() - 1)): ReadingPool {
  const idle: { readonly reader: Reader; readonly timer: NodeJS.Timeout }[] = []
  const waiting: PromiseWithResolvers<Reader>[] = []
  const all = new Set<Reader>()
  let closed = false

  function take(): Promise<Reader> {
    if (closed) return Promise.reject(stopped())
    for (let free = idle.pop(); free; free = idle.pop()) {
      clearTimeout(free.timer)
      if (free.reader.alive) return Promise.resolve(free.reader)
      all.delete(free.reader)
    }
    if (all.size < size) return Promise.resolve(start())
    const turn = Promise.withResolvers<Reader>()
    waiting.push(turn)
    return turn.promise
  }

  function start(): Reader {
    const reader = new Reader()
    all.add(reader)
    return reader
  }

  function giveBack(reader: Reader): void {
    const usable = reader.alive
    if (!usable) all.delete(reader)
    const next = waiting.shift()
    if (next) next.resolve(usable ? reader : start())
    else if (usable && !closed) rest(reader)
  }

  function rest(reader: Reader): void {
    const timer = setTimeout(() => {
      idle.splice(
        idle.findIndex((one) => one.reader === reader),
        1,
      )
      all.delete(reader)
      reader.end(stopped())
    }, idleMs).unref()
    idle.push({ reader, timer })
  }

  return {
    async read<K extends Task['kind']>(task: Extract<Task, { readonly kind: K }>, source: Source) {
      for (let first = true; ; first = false) {
        const reader = await take()
        try {
          return (await reader.read(task, source)) as Answers[K]
        } catch (error) {
          if (!first || !(error instanceof ReaderUnreachable)) throw error
        } finally {
          giveBack(reader)
        }
      }
    },
    async [Symbol.asyncDispose]() {
      closed = true
      for (const turn of waiting.splice(0)) turn.reject(stopped())
      for (const { timer } of idle) clearTimeout(timer)
      for (const reader of all) reader.end(stopped())
    },
  }
}
