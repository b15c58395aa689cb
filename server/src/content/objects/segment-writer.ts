import type { UploadMemory } from '../batches.ts'

const segmentSize = 8 << 20
/** Where memory is short: small, so that each upload still goes on, and large enough to be worth a request. */
const smallSegment = 256 << 10

/**
 * Gathers the bytes of a part into segments of about 8 MiB, each an object of its own. One is on its way to the store
 * while the next is gathered: two are held at most.
 */
export class SegmentWriter {
  #gathered: Buffer[] = []
  #size = 0
  #count = 0
  #stored = 0
  #sending: Promise<void> = Promise.resolve()
  readonly #memory: UploadMemory
  readonly #put: (index: number, bytes: Buffer) => Promise<void>
  readonly #progress: (size: number) => Promise<void> | void

  constructor(
    memory: UploadMemory,
    put: (index: number, bytes: Buffer) => Promise<void>,
    progress: (size: number) => Promise<void> | void,
  ) {
    this.#memory = memory
    this.#put = put
    this.#progress = progress
  }

  async add(bytes: Buffer): Promise<void> {
    this.#memory.add(bytes.length)
    this.#gathered.push(bytes)
    this.#size += bytes.length
    if (this.#size >= (this.#memory.short ? smallSegment : segmentSize)) await this.#flush()
  }

  /** Sends what is left; resolves with the bytes of all segments once they are in the store. */
  async end(): Promise<number> {
    if (this.#size > 0) await this.#flush()
    await this.#sending
    return this.#stored
  }

  /** After a failure: gives back the memory of what will not be sent, and waits for what is still on its way. */
  async discard(): Promise<void> {
    this.#memory.add(-this.#size)
    this.#gathered = []
    this.#size = 0
    await this.#sending.catch(() => undefined)
  }

  async #flush(): Promise<void> {
    await this.#sending
    const bytes = this.#gathered.length === 1 ? this.#gathered[0] : Buffer.concat(this.#gathered, this.#size)
    this.#gathered = []
    this.#size = 0
    if (!bytes) return
    const index = this.#count
    this.#count += 1
    this.#sending = this.#send(index, bytes)
    this.#sending.catch(() => undefined) // awaited by the next flush, or at the end
  }

  async #send(index: number, bytes: Buffer): Promise<void> {
    try {
      await this.#put(index, bytes)
    } finally {
      this.#memory.add(-bytes.length)
    }
    this.#stored += bytes.length
    await this.#progress(this.#stored)
  }
}
