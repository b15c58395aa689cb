import { setTimeout as wait } from 'node:timers/promises'
import { ContentMissing, StoreUnavailable } from '../store.ts'
import type { Bucket } from './bucket.ts'

const mostAttempts = 6
/** Milliseconds after which no further attempt begins: whoever waits should hear what is wrong. */
const patience = 15_000
/** Milliseconds that one call may take; the largest body is 16 MiB. */
const callWithin = 60_000

/** Milliseconds until a call without a body has to be answered: somebody waits for the blob that is asked for. */
export const answerWithin = 10_000

/**
 * Does one call of a store until it succeeds: what may pass is tried again, after a pause that doubles and is drawn
 * anew each time, so that many who failed together do not come back together. Fails with ContentMissing where `what`
 * is not there, and with StoreUnavailable, which says what is wrong.
 */
export async function persist<T>(
  bucket: Bucket,
  what: string,
  call: (attempt: number) => Promise<T>,
  within = callWithin,
): Promise<T> {
  const started = Date.now()
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await withTimeout(call(attempt), within)
    } catch (error) {
      // What the call found out by itself is no fault of the store.
      if (error instanceof ContentMissing || error instanceof StoreUnavailable) throw error
      const fault = bucket.faultOf(error)
      if (fault.kind === 'missing') throw new ContentMissing(what)
      if (fault.kind === 'exists') throw new Error(`${what} is written already`, { cause: error })
      if (fault.kind === 'lasting' || attempt === mostAttempts || Date.now() - started > patience) {
        throw new StoreUnavailable(`the blob store ${fault.what}`, error)
      }
      await pause(attempt)
    }
  }
}

/** Milliseconds before the attempt after `failures` of them, up to 0.1, 0.2, 0.4 … 3 s. */
export async function pause(failures: number): Promise<void> {
  const most = Math.min(3_000, 50 * 2 ** failures)
  await wait(most * (0.5 + Math.random() / 2))
}

/** Rejects when the call takes longer: what the store does with it then is unknown, as after a lost connection. */
async function withTimeout<T>(call: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CallTimeout()), milliseconds)
  })
  try {
    return await Promise.race([call, late])
  } finally {
    clearTimeout(timer)
  }
}

export class CallTimeout extends Error {
  readonly code = 'ETIMEDOUT'
  constructor() {
    super('the store has not answered in time')
  }
}
