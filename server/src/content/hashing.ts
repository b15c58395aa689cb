import { createHash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import type { Algorithm } from '@breakwater/oci'

/** A running hash over bytes that arrive in order. */
export interface Hashing {
  /** Takes ownership of the chunks; resolves when more may be sent. */
  update(chunks: readonly Buffer[]): Promise<void>
  /** The digest as hex of everything so far. Ends the hashing. */
  digest(): Promise<string>
  discard(): void
}

export interface Hasher extends AsyncDisposable {
  /** `expected` bytes, if known, choose where the work is done: small content here, large in a thread. */
  start(algorithm: Algorithm, expected: number | undefined): Hashing
}

/** Below this, a trip to a thread costs more than the hash (about 0.6 ms a MiB). */
const inlineBelow = 1 << 20

export type ToWorker =
  | { readonly op: 'start'; readonly id: number; readonly algorithm: Algorithm }
  | { readonly op: 'update'; readonly id: number; readonly chunks: readonly Uint8Array[] }
  | { readonly op: 'digest'; readonly id: number }
  | { readonly op: 'discard'; readonly id: number }
export type FromWorker = { readonly id: number; readonly hex?: string }

/** Hashes in worker threads, so that a large upload does not hold up the pulls beside it. Threads start when needed. */
export function createHasher(threads: number): Hasher {
  const workers: HashThread[] = []
  let last = 0
  return {
    start(algorithm, expected) {
      if (expected !== undefined && expected < inlineBelow) return inline(algorithm)
      last = (last + 1) % threads
      const worker = (workers[last] ??= new HashThread())
      return worker.start(algorithm)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map((worker) => worker?.end()))
    },
  }
}

function inline(algorithm: Algorithm): Hashing {
  const hash = createHash(algorithm)
  return {
    update(chunks) {
      for (const chunk of chunks) hash.update(chunk)
      return Promise.resolve()
    },
    digest: () => Promise.resolve(hash.digest('hex')),
    discard: () => undefined,
  }
}

interface Waiter {
  readonly resolve: (hex: string) => void
  readonly reject: (error: Error) => void
}

class HashThread {
  readonly #worker = new Worker(new URL('./hash-worker.ts', import.meta.url))
  readonly #waiting = new Map<number, Waiter>()
  #lastId = 0

  constructor() {
    this.#worker.unref()
    this.#worker.on('message', ({ id, hex }: FromWorker) => {
      const waiter = this.#waiting.get(id)
      this.#waiting.delete(id)
      waiter?.resolve(hex ?? '')
    })
    this.#worker.on('error', (error: Error) => {
      for (const waiter of this.#waiting.values()) waiter.reject(error)
      this.#waiting.clear()
    })
  }

  start(algorithm: Algorithm): Hashing {
    const id = ++this.#lastId
    this.#post({ op: 'start', id, algorithm }, [])
    let previous: Promise<string> = Promise.resolve('')
    return {
      update: async (chunks) => {
        // One batch in the thread, one on its way: the caller writes the next meanwhile.
        await previous
        previous = this.#ask({ op: 'update', id, chunks }, movable(chunks))
        previous.catch(() => undefined)
      },
      digest: async () => {
        await previous
        return this.#ask({ op: 'digest', id }, [])
      },
      discard: () => this.#post({ op: 'discard', id }, []),
    }
  }

  #ask(message: ToWorker & { id: number }, transfer: ArrayBuffer[]): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(message.id, { resolve, reject })
      this.#post(message, transfer)
    })
  }

  #post(message: ToWorker, transfer: ArrayBuffer[]): void {
    this.#worker.postMessage(message, transfer)
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}

/** Memory that a chunk has to itself can be moved to the thread instead of copied. */
function movable(chunks: readonly Buffer[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  for (const { buffer, byteLength } of chunks) {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffers.add(buffer)
  }
  return [...buffers]
}
