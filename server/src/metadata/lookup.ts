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
  #running = 0
  #scheduled = false

  /** `load` answers in the order of its keys, one result each. */
  constructor(
    load: (keys: readonly K[]) => Promise<readonly R[]>,
    limits: { readonly inFlight: number; readonly batch: number },
  ) {
    this.#load = load
    this.#limits = limits
  }

  get(key: K): Promise<R> {
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
