import { constants, setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { answer } from './answer.ts'
import type { FromThread, Task, ToThread } from './task.ts'

// On Linux a thread has a priority of its own; elsewhere this would slow down the whole process.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL)

/** Bytes as they come from the main thread. */
class Arrivals {
  readonly #chunks: Uint8Array[] = []
  #ended = false
  #news = Promise.withResolvers<void>()

  push(chunk: Uint8Array | undefined): void {
    if (chunk) this.#chunks.push(chunk)
    else this.#ended = true
    this.#news.resolve()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (;;) {
      const chunk = this.#chunks.shift()
      if (chunk) {
        yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        reply({ type: 'more' })
      } else if (this.#ended) {
        return
      } else {
        this.#news = Promise.withResolvers()
        await this.#news.promise
      }
    }
  }
}

let arrivals = new Arrivals()

parentPort?.on('message', (message: ToThread) => {
  switch (message.type) {
    case 'start':
      arrivals = new Arrivals()
      work(message.task, arrivals)
      break
    case 'chunk':
      arrivals.push(message.bytes)
      break
    case 'end':
      arrivals.push(undefined)
      break
  }
})

function work(task: Task, bytes: AsyncIterable<Buffer>): void {
  answer(task, bytes).then(
    (found) => reply({ type: 'done', answer: found }),
    (error: unknown) => reply({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
}

function reply(message: FromThread): void {
  parentPort?.postMessage(message)
}
