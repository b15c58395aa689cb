import { setTimeout as wait } from 'node:timers/promises'
import { type Pool, transaction } from '../metadata/index.ts'
import type { Logger } from '../observability/index.ts'
import { abandonRunning } from './import-queries.ts'
import { discardLeftovers } from './leftovers.ts'
import { tryImportLock } from './queries.ts'

const askAgainMs = 500

/**
 * Runs `work` while no other process or thread imports, after what a dead one left was cleared away. The right hangs on a
 * connection: when that is lost, the signal that `work` gets is aborted. Waits for the right until `signal` ends, or, with
 * `patient: false`, resolves with undefined where another has it.
 */
export async function withImportRight<T>(
  { pool, log }: { readonly pool: Pool; readonly log: Logger },
  { signal, patient }: { readonly signal: AbortSignal; readonly patient: boolean },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const client = await pool.connect()
  const lost = new AbortController()
  const onError = (error: Error) => lost.abort(error)
  client.on('error', onError)
  try {
    while (!(await tryImportLock(client))) {
      if (!patient) return undefined
      await wait(askAgainMs, undefined, { signal })
    }
    await transaction(pool, abandonRunning)
    await discardLeftovers(pool, log)
    const result = await work(AbortSignal.any([signal, lost.signal]))
    await discardLeftovers(pool, log)
    return result
  } finally {
    client.off('error', onError)
    // Closing it gives the right back, whatever state it is in.
    client.release(true)
  }
}
