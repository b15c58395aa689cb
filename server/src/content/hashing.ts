import { createHash } from 'node:crypto'
import { writev } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { Algorithm } from '@breakwater/oci'

/** A running hash over bytes that arrive in order. */
export interface Hashing {
  /**
   * Takes ownership of the chunks and, with `file` (a descriptor), appends them to it as well. Resolves when that is
   * done; the caller gathers the next chunks meanwhile.
   */
  update(chunks: Buffer[], file?: number): Promise<void>
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

interface Message {
  readonly id: number
  readonly algorithm: Algorithm
}
export type ToWorker = Message &
  (
    | { readonly op: 'update'; readonly chunks: readonly Uint8Array[]; readonly file: number | undefined }
    | { readonly op: 'digest' | 'discard' }
  )
export interface FromWorker {
  readonly id: number
  readonly hex?: string | undefined
  readonly error?: { readonly message: string; readonly code: string | undefined }
}

/** Hashes in worker threads, so that a large upload does not hold up the pulls beside it. Threads start when needed. */
export function createHasher(threads: number): Hasher {
  const workers: HashThread[] = []
  let last = 0
  return {
    start(algorithm, expected) {
      if (expected !== undefined && expected < inlineBelow) return inline(algorithm)
      last = (last + 1) % threads
      const worker = workers[last] ?? new HashThread()
      workers[last] = worker
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
    update(chunks, file) {
      for (const chunk of chunks) hash.update(chunk)
      return file === undefined ? Promise.resolve() : writeChunks(file, chunks)
    },
    digest: () => Promise.resolve(hash.digest('hex')),
    discard: () => undefined,
  }
}

/** Appends all of the chunks; a short write (a nearly full disk, a signal) is gone on with until it succeeds or fails. */
export function writeChunks(file: number, chunks: readonly Buffer[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const left = [...chunks]
    const next = () => {
      writev(file, left, (error, written) => {
        if (error) return reject(error)
        let done = written
        while (left[0] && done >= left[0].length) done -= left.shift()?.length ?? 0
        if (!left[0]) return resolve()
        left[0] = left[0].subarray(done)
        next()
      })
    }
    next()
  })
}

interface Waiter {
  readonly resolve: (hex: string) => void
  readonly reject: (error: unknown) => void
}

class HashThread {
  readonly #worker = new Worker(new URL('./hash-worker.ts', import.meta.url))
  /** Answers come in the order of the messages. */
  readonly #waiting: Waiter[] = []
  #lastId = 0

  constructor() {
    this.#worker.unref()
    this.#worker.on('message', ({ hex, error }: FromWorker) => {
      const waiter = this.#waiting.shift()
      if (error === undefined) waiter?.resolve(hex ?? '')
      else waiter?.reject(Object.assign(new Error(error.message), { code: error.code }))
    })
    this.#worker.on('error', (error) => {
      for (const waiter of this.#waiting.splice(0)) waiter.reject(error)
    })
  }

  start(algorithm: Algorithm): Hashing {
    const id = ++this.#lastId
    return {
      update: async (chunks, file) => {
        await this.#ask({ op: 'update', id, algorithm, chunks, file }, movable(chunks))
      },
      digest: () => this.#ask({ op: 'digest', id, algorithm }, []),
      discard: () => {
        this.#ask({ op: 'discard', id, algorithm }, []).catch(() => undefined)
      },
    }
  }

  #ask(message: ToWorker, transfer: ArrayBuffer[]): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#worker.postMessage(message, transfer)
    })
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
