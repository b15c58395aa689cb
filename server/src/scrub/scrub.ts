import { setTimeout as wait } from 'node:timers/promises'
import { lockLive, markDamaged, markWhole, reserveBlob } from '../blobs/index.ts'
import { record, system } from '../ledger/index.ts'
import { transaction } from '../metadata/index.ts'
import type { ScrubDeps } from './deps.ts'
import { examine, type Pace } from './examine.ts'
import { heal } from './heal.ts'
import { beginPass, endPass, listDamaged, nextBlobs, noteProgress, type SizedBlob } from './queries.ts'

/** Blobs whose progress is kept at once: what a process that dies has read beyond that is read again. */
const batch = 50

/**
 * Goes on with the pass over all blobs, or begins one where somebody asked for it or the last began `everyMs` ago, and returns
 * when it has ended.
 * What is damaged is not served from then on, and healed where somebody has its bytes. One process at a time.
 */
export async function scrub(deps: ScrubDeps, everyMs: number | undefined, signal: AbortSignal): Promise<void> {
  const { pool } = deps
  if (!(await beginPass(pool, everyMs))) return
  const pace = paceOf(deps.rate, signal)
  await lookAgain(deps, pace)
  for (;;) {
    const blobs = await nextBlobs(pool, batch)
    const last = blobs.at(-1)
    if (!last) break
    const done = { blobs: 0, bytes: 0, damaged: 0, healed: 0 }
    for (const blob of blobs) {
      const found = await scrubBlob(deps, blob, pace)
      done.blobs += 1
      done.bytes += blob.size
      if (found !== 'whole') done.damaged += 1
      if (found === 'healed') done.healed += 1
      deps.read?.(blob.size)
    }
    await noteProgress(pool, last.digest, done)
  }
  await endPass(pool)
}

async function scrubBlob(deps: ScrubDeps, blob: SizedBlob, pace: Pace): Promise<'whole' | 'damaged' | 'healed'> {
  const { pool, log } = deps
  if ((await examine(deps, blob, pace)) === undefined) return 'whole'
  // Somebody may be pushing or deleting it: it is read again while nobody can name it anew.
  const fault = await transaction(pool, async (tx) => {
    if (!(await lockLive(tx, blob.digest))) return undefined
    const found = await examine(deps, blob, async () => undefined)
    if (found === undefined) return undefined
    await markDamaged(tx, blob.digest)
    await record(tx, system, { action: 'blob.quarantine', object: blob.digest, detail: { reason: found } })
    return found
  })
  if (fault === undefined) return 'whole'
  log.error({ digest: blob.digest, size: blob.size }, `${fault}; it is not served`)
  const from = await heal(deps, blob)
  if (from === undefined) return 'damaged'
  log.warn({ digest: blob.digest }, `a damaged blob is healed from the ${from}`)
  return 'healed'
}

/** What was damaged before: its bytes may have come back, or somebody may have them now. */
async function lookAgain(deps: ScrubDeps, pace: Pace): Promise<void> {
  for (let after: SizedBlob | undefined; ; ) {
    const damaged = await listDamaged(deps.pool, batch, after?.digest)
    for (const blob of damaged) {
      const reservation = await reserveBlob(deps.pool, blob.digest, blob.size)
      if ((await examine(deps, blob, pace)) === undefined) {
        await transaction(deps.pool, async (tx) => {
          if (await markWhole(tx, blob.digest, reservation))
            await record(tx, system, { action: 'blob.heal', object: blob.digest, detail: { from: 'store' } })
        })
      } else await heal(deps, blob)
    }
    after = damaged.at(-1)
    if (!after) return
  }
}

/** Waits so that no more than `rate` bytes are read in a second; fails when `signal` does. */
function paceOf(rate: number, signal: AbortSignal): Pace {
  let due = performance.now()
  return async (bytes) => {
    signal.throwIfAborted()
    due = Math.max(due, performance.now() - 1_000) + (1_000 * bytes) / rate
    const early = due - performance.now()
    // Short waits are saved up for a longer one.
    if (early > 20) await wait(early, undefined, { signal })
  }
}
