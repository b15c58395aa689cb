import { setTimeout as wait } from 'node:timers/promises'
import { describeExit, type Exit, type Postmaster } from './postmaster.ts'

/** A server that is started again when it dies. */
export interface Supervised {
  readonly pid: number
  /** Resolves when it was stopped, or died too often to be started again. */
  readonly exited: Promise<Exit>
  stop(): Promise<void>
}

const maxFailures = 6
/** A run this long shows that the start was good; the count of failures begins anew. */
const healthyMs = 1_000

/**
 * Starts the server, waits until it accepts connections, and from then on starts it again when it dies: after 0.1 s,
 * 0.2 s, 0.4 s and so on, six times in a row at most. Rejects when the first start fails.
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
    let startedAt = Date.now()
    for (;;) {
      const exit = await current.exited
      if (stopping.signal.aborted) return exit
      if (Date.now() - startedAt > healthyMs) failures = 0
      failures += 1
      if (failures > maxFailures) {
        log(`PostgreSQL ended (${describeExit(exit)}) ${failures} times in a row and is not started again`)
        return exit
      }
      const delay = firstDelayMs * 2 ** (failures - 1)
      log(`PostgreSQL ended unexpectedly (${describeExit(exit)}); starting it again in ${delay} ms`)
      await wait(delay, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (stopping.signal.aborted) return exit
      startedAt = Date.now()
      try {
        current = start()
        await current.ready
        log(`PostgreSQL runs again (pid ${current.pid})`)
      } catch (error) {
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
