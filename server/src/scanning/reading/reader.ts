import { type ChildProcess, spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { endOfBlob, frameHeader } from './frame.ts'
import type { Answers, FromReader, Source, Task } from './task.ts'

/** The reader of a blob is gone: out of memory, out of time, or broken. The blob may be to blame. */
export class ReadingLost extends Error {
  override readonly name = 'ReadingLost'
}

/** The reader was gone before it heard the question: another may be asked. */
export class ReaderUnreachable extends ReadingLost {}

/** The server stops; what was being read is read by another, or later. */
export class ReadingStopped extends Error {
  override readonly name = 'ReadingStopped'
}

/** Of one blob; a little more than the reader of layers allows itself. */
const longestMs = 660_000

/** In megabytes, for JavaScript objects. What is kept of a blob is bounded below: this is for what was overlooked. */
const heap = ['--max-old-space-size=160', '--max-semi-space-size=4']

const entry = fileURLToPath(new URL('./reader-entry.ts', import.meta.url))

/** Ends the source early: the reader has its answer. */
const enough = new Error('no more bytes are needed')

/**
 * A process that answers one question after another about what others have made. Not a thread: one that runs out of
 * memory can take the whole process with it. It is given no environment, so that it knows no secrets.
 */
export class Reader {
  readonly #process: ChildProcess
  readonly #input: Writable
  #alive = true
  #answer: PromiseWithResolvers<Answers[Task['kind']]> | undefined
  #answered = false
  /** It has heard the question. */
  #begun = false

  constructor() {
    this.#process = spawn(process.execPath, [...heap, entry], { env: {}, stdio: ['pipe', 'ignore', 'ignore', 'ipc'] })
    const { stdin } = this.#process
    if (!stdin) throw new Error('a process was started without its input')
    this.#input = stdin
    // What goes wrong with it is told by the write, or by the end of the process.
    stdin.on('error', () => undefined)
    this.#process.on('message', (message: FromReader) => this.#take(message))
    this.#process.on('error', (error) => this.#lose(new ReadingLost(`its reader failed: ${error.message}`)))
    this.#process.on('exit', (code, signal) =>
      this.#lose(new ReadingLost(`its reader ended (${signal ?? `status ${code}`}), as when it runs out of memory`)),
    )
  }

  get alive(): boolean {
    return this.#alive
  }

  async read(task: Task, source: Source): Promise<Answers[Task['kind']]> {
    const answer = Promise.withResolvers<Answers[Task['kind']]>()
    answer.promise.catch(() => undefined) // awaited below, unless the source fails first
    this.#answer = answer
    this.#answered = false
    this.#begun = false
    const timer = setTimeout(() => {
      this.end(new ReadingLost(`it could not be read within ${longestMs / 1000} seconds`))
    }, longestMs)
    try {
      this.#process.send(task, (error) => {
        if (error) this.#lose(new ReadingLost(`its reader can't be reached: ${error.message}`))
      })
      await this.#sendAll(source)
      return await answer.promise
    } catch (error) {
      // It waits for bytes that don't come: another begins afresh.
      this.end(new ReadingLost('its reader was ended'))
      throw error
    } finally {
      clearTimeout(timer)
      this.#answer = undefined
    }
  }

  end(reason: Error): void {
    this.#lose(reason)
    this.#process.kill('SIGKILL')
  }

  async #sendAll(source: Source): Promise<void> {
    try {
      await source(async (chunk) => {
        if (this.#answered) throw enough
        this.#input.write(frameHeader(chunk.length))
        await this.#write(chunk)
      })
    } catch (error) {
      if (error !== enough) throw error
    }
    await this.#write(endOfBlob)
  }

  /** Resolves when the bytes may be used again, also where the process is gone. */
  #write(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#input.write(bytes, (error) => {
        if (error) this.#lose(new ReadingLost(`its reader takes no more bytes: ${error.message}`))
        resolve()
      })
    })
  }

  #take(message: FromReader): void {
    if ('begun' in message) {
      this.#begun = true
      return
    }
    this.#answered = true
    if ('answer' in message) this.#answer?.resolve(message.answer)
    else this.#answer?.reject(new ReadingLost(message.failure))
  }

  #lose(error: Error): void {
    this.#alive = false
    this.#answered = true
    const unheard = error instanceof ReadingLost && !this.#begun
    this.#answer?.reject(unheard ? new ReaderUnreachable(error.message) : error)
  }
}
