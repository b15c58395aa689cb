interface Waiting<K, R> {
  readonly key: K
  readonly resolve: (result: R) => void
  readonly reject: (error: unknown) => void
}

/**
 * Joins look-ups that arrive together into one query. While `inFlight` queries are on their way, new keys gather, so
 * that a lone request goes out at once and a busy server pays one round trip for many.
 */
export class Lookup<K, R> {
  readonly #load: (keys: readonly K[]) => Promise<readonly R[]>
  readonly #limits: { readonly inFlight: number; readonly batch: number }
  readonly #waiting: Waiting<K, R>[] = []
  readonly #around: ((work: () => Promise<R>) => Promise<R>) | undefined
  #running = 0
  #scheduled = false

  /** `load` answers in the order of its keys, one result each; `around` is told of each look-up, not of each query. */
  constructor(
    load: (keys: readonly K[]) => Promise<readonly R[]>,
    limits: { readonly inFlight: number; readonly batch: number },
    around?: (work: () => Promise<R>) => Promise<R>,
  ) {
    this.#around = around
    this.#load = load
    this.#limits = limits
  }

  get(key: K): Promise<R> {
    return this.#around ? this.#around(() => this.#queue(key)) : this.#queue(key)
  }

  #queue(key: K): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject })
      this.#schedule()
    })
  }

  #schedule(): void {
    if (this.#scheduled || this.#running >= this.#limits.inFlight || this.#waiting.length === 0) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      void this.#run()
    })
  }

  async #run(): Promise<void> {
    const batch = this.#waiting.splice(0, this.#limits.batch)
    this.#running += 1
    try {
      const results = await this.#load(batch.map((waiting) => waiting.key))
      for (const [i, waiting] of batch.entries()) waiting.resolve(results[i] as R)
    } catch (error) {
      for (const waiting of batch) waiting.reject(error)
    } finally {
      this.#running -= 1
      this.#schedule()
    }
  }
}
