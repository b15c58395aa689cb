import type { Pool } from '../metadata/index.ts'
import type { Logger } from '../observability/index.ts'
import { type Freshness, freshness } from './generation.ts'
import { wasAskedLately } from './import-queries.ts'
import { withImportRight } from './import-right.ts'
import { findCurrent } from './queries.ts'

const tickMs = 60_000
const clearEveryTicks = 10
/** Without any database, the sources are asked more often. */
const impatientMs = 15 * 60_000

export interface ScheduleOptions {
  readonly pool: Pool
  /** Milliseconds between two looks at the sources; undefined for none. */
  readonly every: number | undefined
  readonly log: Logger
  readonly ask: () => Promise<void>
}

/** Asks for imports when it is time, says when the database grows old, and clears away the generations before. */
export function startSchedule({ pool, every, log, ask }: ScheduleOptions): Disposable {
  const stopping = new AbortController()
  let ticks = 0
  let said: Freshness = 'fresh'

  async function tick(): Promise<void> {
    const current = await findCurrent(pool)
    if (every !== undefined) {
      const interval = current ? every : Math.min(every, impatientMs)
      if (!(await wasAskedLately(pool, ticks === 0 ? 0 : interval))) await ask()
    }
    const state = current ? freshness(current, new Date()) : 'fresh'
    if (current && state !== 'fresh' && state !== said) {
      const days = Math.floor((Date.now() - current.builtAt.getTime()) / 86_400_000)
      const effect = state === 'stale' ? 'new images of gated projects are refused' : 'it should be updated every day'
      log.warn({ builtAt: current.builtAt, days }, `the vulnerability database is old: ${effect}`)
    }
    said = state
    if (ticks % clearEveryTicks === 0) {
      await withImportRight({ pool, log }, { signal: stopping.signal, patient: false }, async () => undefined)
    }
    ticks += 1
  }
  const run = () => {
    tick().catch((err: unknown) => {
      if (!stopping.signal.aborted)
        log.warn({ err }, 'looking after the vulnerability database failed; it is tried again')
    })
  }
  run()
  const timer = setInterval(run, tickMs)
  return {
    [Symbol.dispose]() {
      stopping.abort(new Error('the server is stopping'))
      clearInterval(timer)
    },
  }
}
