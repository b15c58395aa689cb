import { setTimeout as wait } from 'node:timers/promises'
import { isDamaged, lockLive, markDamaged, markWhole, reserveBlob, timeNow } from '../blobs/index.ts'
import { record, system } from '../ledger/index.ts'
import { transaction } from '../metadata/index.ts'
import type { ScrubDeps } from './deps.ts'
import { examine, type Pace } from './examine.ts'
import { heal } from './heal.ts'
import { beginPass, endPass, listDamaged, nextBlobs, noteProgress, type SizedBlob } from './queries.ts'

/** Blobs that are asked for at once. */
const batch = 50

/** How often progress is kept within a batch: what a process that dies has read beyond that is read again. */
const noteMs = 10_000

const nothing = { blobs: 0, bytes: 0, damaged: 0, healed: 0 }

/**
 * Goes on with the pass over all blobs, or begins one where somebody asked for it or the last began `everyMs` ago, and returns
 * when it has ended.
 * What is damaged is not served from then on, and healed where somebody has its bytes. One process at a time.
 */
export async function scrub(deps: ScrubDeps, everyMs: number | undefined, signal: AbortSignal): Promise<void> {
  const { pool } = deps
  if (!(await beginPass(pool, everyMs))) return
  const pace = paceOf(deps.rate, signal)
  await lookAgain(deps, pace, signal)
  for (;;) {
    const blobs = await nextBlobs(pool, batch)
    const last = blobs.at(-1)
    if (!last) break
    let done = { ...nothing }
    let noted = performance.now()
    for (const blob of blobs) {
      const found = await scrubBlob(deps, blob, pace, signal)
      done.blobs += 1
      done.bytes += blob.size
      if (found === 'damaged' || found === 'healed') done.damaged += 1
      if (found === 'healed') done.healed += 1
      deps.read?.(blob.size)
      // A batch of large blobs may take longer than a job may run.
      if (blob !== last && performance.now() - noted < noteMs) continue
      await noteProgress(pool, blob.digest, done)
      done = { ...nothing }
      noted = performance.now()
    }
  }
  await endPass(pool)
}

async function scrubBlob(
  deps: ScrubDeps,
  blob: SizedBlob,
  pace: Pace,
  signal: AbortSignal,
): Promise<'whole' | 'unread' | 'damaged' | 'healed'> {
  const { pool, log } = deps
  const first = await tryToExamine(deps, blob, pace, signal)
  if (first === unread) return 'unread'
  if (first === undefined) return 'whole'
  // Somebody may be pushing it: it is read again, without a lock, as that may take minutes. Who brings the bytes meanwhile
  // has linked it after `since`, and who links it later clears the mark.
  const since = await timeNow(pool)
  const fault = await tryToExamine(deps, blob, pace, signal)
  if (fault === unread) return 'unread'
  if (fault === undefined) return 'whole'
  const marked = await transaction(pool, async (tx) => {
    if (!(await lockLive(tx, blob.digest, since))) return false
    await markDamaged(tx, blob.digest)
    await record(tx, system, { action: 'blob.quarantine', object: blob.digest, detail: { reason: fault } })
    return true
  })
  if (!marked) return 'whole'
  log.error({ digest: blob.digest, size: blob.size }, `${fault}; it is not served`)
  const from = await heal(deps, blob)
  if (from === undefined) return 'damaged'
  log.warn({ digest: blob.digest }, `a damaged blob is healed from the ${from}`)
  return 'healed'
}

/** The blob can't be read, and that says nothing of its bytes. */
const unread = Symbol('unread')

/** As examine, but one blob that can't be read does not keep the others waiting. Fails where the whole store is away. */
async function tryToExamine(
  deps: ScrubDeps,
  blob: SizedBlob,
  pace: Pace,
  signal: AbortSignal,
): Promise<string | undefined | typeof unread> {
  try {
    return await examine(deps, blob, pace)
  } catch (err) {
    if (signal.aborted) throw err
    await deps.store.space()
    deps.log.error({ err, digest: blob.digest }, 'a blob could not be read; it is read again in the next pass')
    return unread
  }
}

/** What was damaged before: its bytes may have come back, or somebody may have them now. */
async function lookAgain(deps: ScrubDeps, pace: Pace, signal: AbortSignal): Promise<void> {
  for (let after: SizedBlob | undefined; ; ) {
    const damaged = await listDamaged(deps.pool, batch, after?.digest)
    for (const blob of damaged) {
      // To reserve what is being deleted would wait for that, or take it back.
      if (!(await isDamaged(deps.pool, blob.digest))) continue
      const reservation = await reserveBlob(deps.pool, blob.digest, blob.size)
      if ((await tryToExamine(deps, blob, pace, signal)) === undefined) {
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
