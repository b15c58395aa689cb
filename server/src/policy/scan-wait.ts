import { type Digest, RegistryError } from '@breakwater/oci'
import type { Db } from '../metadata/index.ts'
import { findUnfinished } from './verdict-queries.ts'

export interface ScanWait {
  /** Resolves when no scan of the digest waits or runs, or at `deadline` (as performance.now counts). Throws UNAVAILABLE. */
  until(digest: Digest, deadline: number): Promise<void>
}

/** Requests of one process that wait at once; more are told to come again. */
const mostWaiting = 500
/** Milliseconds between looks, one look for all. */
const interval = 100

interface Waiting {
  readonly digest: Digest
  readonly deadline: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export function createScanWait(db: Db): ScanWait {
  let waiting: Waiting[] = []
  let looking = false

  async function look(): Promise<void> {
    while (waiting.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, interval))
      try {
        const unfinished = await findUnfinished(db, [...new Set(waiting.map(({ digest }) => digest))])
        const now = performance.now()
        const goesOn = ({ digest, deadline }: Waiting) => unfinished.has(digest) && now < deadline
        for (const one of waiting.filter((each) => !goesOn(each))) one.resolve()
        waiting = waiting.filter(goesOn)
      } catch (error) {
        for (const one of waiting) one.reject(error)
        waiting = []
      }
    }
    looking = false
  }

  return {
    until(digest, deadline) {
      if (waiting.length >= mostWaiting) {
        throw new RegistryError('UNAVAILABLE', 'too many pulls wait for scans; try again in a few seconds', {
          headers: { 'Retry-After': '5' },
        })
      }
      return new Promise((resolve, reject) => {
        waiting.push({ digest, deadline, resolve, reject })
        if (looking) return
        looking = true
        void look()
      })
    },
  }
}
