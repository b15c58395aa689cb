import { Worker } from 'node:worker_threads'
import type { Answers, FromThread, Source, Task, ToThread } from './task.ts'

/** The thread that read a blob is gone: out of memory, out of time, or broken. The blob may be to blame. */
export class ReadingLost extends Error {
  override readonly name = 'ReadingLost'
}

/** The process stops; what was being read is read by another, or later. */
export class ReadingStopped extends Error {
  override readonly name = 'ReadingStopped'
}

/** Chunks on their way to the thread; each is at most as large as a read buffer of the store, 1 MiB. */
const chunksAhead = 2

/** Of one blob; a little more than the reader of layers allows itself. */
const longestMs = 660_000

/** Megabytes of JavaScript objects. What a reader may take in is bounded far below: this is for what was overlooked. */
const heapMegabytes = 256

/** Ends the source early: the thread has its answer. */
const enough = new Error('no more bytes are needed')

/** A worker thread that answers one question after another. */
export class ReadingThread {
  readonly #worker = new Worker(new URL('./thread-entry.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  })
  #alive = true
  #current: Current | undefined

  constructor() {
    this.#worker.on('message', (message: FromThread) => this.#current?.take(message))
    this.#worker.on('error', (error: Error) => this.#lose(new ReadingLost(`its reader ended: ${error.message}`)))
    this.#worker.on('exit', () => this.#lose(new ReadingLost('its reader ended')))
    // Only work keeps the process from ending.
    this.#worker.unref()
  }

  get alive(): boolean {
    return this.#alive
  }

  async read(task: Task, source: Source): Promise<Answers[Task['kind']]> {
    const current = new Current((message, transfer) => this.#worker.postMessage(message, transfer))
    this.#current = current
    const timer = setTimeout(() => {
      this.#lose(new ReadingLost(`it could not be read within ${longestMs / 1000} seconds`))
      void this.end()
    }, longestMs)
    this.#worker.ref()
    try {
      return await current.run(task, source)
    } catch (error) {
      // The thread waits for bytes that don't come: another begins afresh.
      await this.end()
      throw error
    } finally {
      clearTimeout(timer)
      this.#current = undefined
      this.#worker.unref()
    }
  }

  async end(reason: Error = new ReadingLost('its reader was ended')): Promise<void> {
    this.#lose(reason)
    await this.#worker.terminate()
  }

  #lose(error: Error): void {
    this.#alive = false
    this.#current?.lose(error)
  }
}

/** One question: bytes go out while the answer is awaited. */
class Current {
  readonly #post: (message: ToThread, transfer: ArrayBuffer[]) => void
  readonly #answer = Promise.withResolvers<Answers[keyof Answers]>()
  #ahead = 0
  #room = Promise.withResolvers<void>()
  #over = false

  constructor(post: (message: ToThread, transfer: ArrayBuffer[]) => void) {
    this.#post = post
    this.#answer.promise.catch(() => undefined)
  }

  async run(task: Task, source: Source): Promise<Answers[keyof Answers]> {
    this.#post({ type: 'start', task }, [])
    try {
      await source((chunk) => this.#send(chunk))
      if (!this.#over) this.#post({ type: 'end' }, [])
    } catch (error) {
      if (error !== enough) throw error
    }
    return this.#answer.promise
  }

  async #send(chunk: Buffer): Promise<void> {
    if (this.#over) throw enough
    // The store uses its buffer again, so the thread gets a copy of its own.
    const bytes = new Uint8Array(chunk)
    this.#ahead += 1
    this.#post({ type: 'chunk', bytes }, [bytes.buffer])
    while (this.#ahead >= chunksAhead && !this.#over) await this.#room.promise
  }

  take(message: FromThread): void {
    if (message.type === 'failed') this.lose(new ReadingLost(message.message))
    if (message.type === 'more') this.#ahead -= 1
    if (message.type === 'done') {
      this.#over = true
      this.#answer.resolve(message.answer)
    }
    this.#wake()
  }

  lose(error: Error): void {
    this.#over = true
    this.#answer.reject(error)
    this.#wake()
  }

  #wake(): void {
    this.#room.resolve()
    this.#room = Promise.withResolvers()
  }
}
