import { LRUCache } from 'lru-cache'
import { sourceOf } from './source.ts'

/**
 * Slows down the guessing of passwords, for each pair of source and account name, in the memory of one process. Whoever
 * guesses shuts out nobody who comes from elsewhere.
 */
export interface LoginLimit {
  /**
   * Begins an attempt. Milliseconds to wait before there may be one; else how to tell its end, which has to be told:
   * attempts under way count as failed.
   */
  begin(address: string, name: string): { readonly wait: number } | { readonly end: (good: boolean) => void }
}

/** Failures within `window` that cost nothing. */
const free = 5
/** Milliseconds between two of them after which they are forgotten. */
const window = 60_000
/** Milliseconds of the first delay; each further failure doubles it. */
const firstDelay = 2_000
const longestDelay = 60_000
/** Milliseconds without a failure after which a delayed source begins anew. */
const quiet = 15 * 60_000
/** Pairs that are remembered; the one that was tried longest ago is forgotten first. */
const pairs = 20_000
/** Characters of a name that are looked at: anybody can send a long one. */
const longestName = 600

interface Tried {
  failures: number
  underWay: number
  /** When the last failure was. */
  failedAt: number
  /** No attempt before it. */
  until: number
}

/** `now`: milliseconds of a clock that never goes back. */
export function createLoginLimit(now: () => number = () => performance.now()): LoginLimit {
  const known = new LRUCache<string, Tried>({ max: pairs })

  function fail(tried: Tried): void {
    const at = now()
    tried.failures += 1
    tried.failedAt = at
    if (tried.failures >= free) {
      tried.until = at + Math.min(longestDelay, firstDelay * 2 ** (tried.failures - free))
    }
  }

  return {
    begin(address, name) {
      const key = `${sourceOf(address)} ${name.slice(0, longestName).toLowerCase()}`
      const tried = known.get(key) ?? { failures: 0, underWay: 0, failedAt: 0, until: 0 }
      known.set(key, tried)
      const rested = now() - tried.failedAt
      if (rested > (tried.failures >= free ? quiet : window)) tried.failures = 0
      if (tried.until > now()) return { wait: tried.until - now() }
      // After a delay one attempt is free; a storm of them is not.
      if (tried.underWay > 0 && tried.failures + tried.underWay >= free) return { wait: firstDelay }
      tried.underWay += 1
      return {
        end(good) {
          tried.underWay -= 1
          if (!good) fail(tried)
          else Object.assign(tried, { failures: 0, until: 0 })
        },
      }
    },
  }
}
