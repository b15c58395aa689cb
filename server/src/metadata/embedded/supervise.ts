import { setTimeout as wait } from 'node:timers/promises'
import { describeExit, type Exit, type Postmaster } from './postmaster.ts'

/** A server that is started again when it dies. */
export interface Supervised {
  readonly pid: number
  /** Resolves when it was stopped, or could not be started again. */
  readonly exited: Promise<Exit>
  stop(): Promise<void>
}

const maxFailures = 6
/** A run this long shows that all is well; shorter ones are waited for longer and longer, up to `maxDelays` doublings. */
const healthyMs = 1_000
const maxDelays = 5

/**
 * Starts the server, waits until it accepts connections, and from then on starts it again when it dies, however often:
 * after 0.1 s, and after up to 1.6 s when it keeps dying young. Gives up only when six starts in a row fail. Rejects when
 * the first start fails.
 */
export async function supervise(
  start: () => Postmaster,
  log: (line: string) => void,
  firstDelayMs = 100,
): Promise<Supervised> {
  const stopping = new AbortController()
  let current = start()
  try {
    await current.ready
  } catch (error) {
    await current.stop()
    throw error
  }

  async function watch(): Promise<Exit> {
    let failures = 0
    let young = 0
    let readyAt = Date.now()
    for (;;) {
      const exit = await current.exited
      if (stopping.signal.aborted) return exit
      if (failures > maxFailures) {
        log(`PostgreSQL could not be started ${failures} times in a row (${describeExit(exit)}) and is given up`)
        return exit
      }
      young = failures > 0 || Date.now() - readyAt < healthyMs ? Math.min(young + 1, maxDelays) : 0
      const delay = firstDelayMs * 2 ** Math.max(0, young - 1)
      log(`PostgreSQL ended unexpectedly (${describeExit(exit)}); starting it again in ${delay} ms`)
      await wait(delay, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (stopping.signal.aborted) return exit
      try {
        current = start()
        await current.ready
        failures = 0
        readyAt = Date.now()
        log(`PostgreSQL runs again (pid ${current.pid})`)
      } catch (error) {
        failures += 1
        log(String(error))
        await current.stop()
      }
    }
  }

  const exited = watch()
  return {
    get pid() {
      return current.pid
    },
    exited,
    async stop() {
      stopping.abort()
      await current.stop()
      await exited
    },
  }
}
