import type { Db } from '../metadata/index.ts'
import { insertPulls } from './pull-queries.ts'
import type { Pull } from './record.ts'

export interface Pulls extends AsyncDisposable {
  note(pull: Pull): void
}

/** Rows that one batch holds at most; more are written at once, more still are lost to the log while PostgreSQL is away. */
const batchRows = 5_000
const keptRows = 100_000

/**
 * Collects pulls and writes them every `interval` ms: kill -9 may lose that much, and no more. `flushed` is told how long
 * a flush took and how many pulls wait after it.
 */
export function createPulls(
  db: Db,
  interval: number,
  log: (line: string) => void,
  flushed?: (seconds: number, waiting: number) => void,
): Pulls {
  let waiting: Pull[] = []
  let writing: Promise<void> = Promise.resolve()
  let lost = 0

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, batchRows)
      try {
        await insertPulls(db, batch)
      } catch (error) {
        waiting = [...batch, ...waiting]
        log(`pulls not written yet (${waiting.length} wait): ${String(error)}`)
        return
      }
    }
    if (lost > 0) log(`${lost} pulls were not recorded while the database was away`)
    lost = 0
  }
  const write = () => {
    writing = writing.then(async () => {
      if (waiting.length === 0 && lost === 0) return
      const begun = performance.now()
      await flush()
      flushed?.((performance.now() - begun) / 1_000, waiting.length)
    })
  }
  const timer = setInterval(write, interval)

  return {
    note(pull) {
      if (waiting.length >= keptRows) {
        lost += 1
        return
      }
      waiting.push(pull)
      if (waiting.length === batchRows) write()
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      write()
      await writing
    },
  }
}
