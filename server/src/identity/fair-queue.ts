/** Work that only so much of may run at once, shared fairly: those who wait take turns by where they come from. */
export interface FairQueue {
  /** Throws QueueFull where too much waits already, from this source or in all. */
  run<T>(source: string, work: () => Promise<T>): Promise<T>
}

export class QueueFull extends Error {
  constructor() {
    super('too much work is waiting')
    this.name = 'QueueFull'
  }
}

export interface FairQueueLimits {
  /** Pieces of work that run at once. */
  readonly running: number
  /** Pieces that wait, of one source. */
  readonly waitingEach: number
  /** Pieces that wait, in all. */
  readonly waiting: number
}

export function createFairQueue(limits: FairQueueLimits): FairQueue {
  // The order of the keys is the order of the turns.
  const waiting = new Map<string, (() => void)[]>()
  let running = 0
  let total = 0

  function wait(source: string): Promise<void> {
    const own = waiting.get(source) ?? []
    if (own.length >= limits.waitingEach || total >= limits.waiting) throw new QueueFull()
    waiting.set(source, own)
    total += 1
    return new Promise((resolve) => own.push(resolve))
  }

  function next(): void {
    const [turn] = waiting
    if (!turn) {
      running -= 1
      return
    }
    const [source, own] = turn
    const begin = own.shift()
    total -= 1
    waiting.delete(source)
    if (own.length > 0) waiting.set(source, own)
    begin?.()
  }

  return {
    async run(source, work) {
      if (running < limits.running) running += 1
      else await wait(source)
      try {
        return await work()
      } finally {
        next()
      }
    },
  }
}
