import type { Readable } from 'node:stream'

/** Bytes that all uploads of this process hold together, against one limit (invariant I9). */
export class UploadMemory {
  #held = 0
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  add(bytes: number): void {
    this.#held += bytes
  }

  /** How much one upload may gather before it writes: little where memory is short, so that each still goes on. */
  get batch(): number {
    return this.short ? 1 : 1 << 20
  }

  get short(): boolean {
    return this.#held >= this.#limit
  }
}

/**
 * Gathers a body into batches of about 1 MiB and hands them to `take` one after the other; the body is paused while
 * two batches wait. Returns whether the body ended by itself (false: the client went away).
 */
export function drainInBatches(
  body: Readable,
  memory: UploadMemory,
  take: (chunks: Buffer[], size: number) => Promise<void>,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let pending: Buffer[] = []
    let size = 0
    let busy = false
    let ended = false
    let complete = false
    let failed = false

    const flush = () => {
      const chunks = pending
      const bytes = size
      pending = []
      size = 0
      busy = true
      take(chunks, bytes).then(
        () => {
          busy = false
          memory.add(-bytes)
          next()
        },
        (error: unknown) => {
          memory.add(-bytes - size)
          failed = true
          stop()
          reject(error)
        },
      )
    }
    const next = () => {
      if (failed || busy) return
      if (size > 0 && (ended || size >= memory.batch)) flush()
      else if (ended) {
        stop()
        resolve(complete)
      }
      if (size < memory.batch && !ended) body.resume()
    }
    const onData = (chunk: Buffer) => {
      pending.push(chunk)
      size += chunk.length
      memory.add(chunk.length)
      if (size < memory.batch) return
      if (busy) body.pause()
      else flush()
    }
    const finish = (whole: boolean) => () => {
      if (ended) return
      ended = true
      complete = whole
      next()
    }
    const onEnd = finish(true)
    const onCut = finish(false)
    const stop = () => {
      body.off('data', onData).off('end', onEnd).off('close', onCut).off('error', onCut)
      // A body that fails later has nobody else to tell.
      body.on('error', () => undefined)
    }
    body.on('data', onData).on('end', onEnd).on('close', onCut).on('error', onCut)
    if (body.readableEnded) onEnd()
    else if (body.destroyed) onCut()
  })
}
