import { createHash, type Hash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { FromWorker, ToWorker } from './hashing.ts'

const hashes = new Map<number, Hash>()

parentPort?.on('message', (message: ToWorker) => {
  try {
    reply({ id: message.id, hex: answer(message) })
  } catch (error) {
    // An error loses its code on the way between threads.
    const { message: text, code } = error as NodeJS.ErrnoException
    reply({ id: message.id, error: { message: text, code } })
  }
})

function answer(message: ToWorker): string | undefined {
  const { id } = message
  const hash = hashes.get(id) ?? createHash(message.algorithm)
  switch (message.op) {
    case 'update':
      hashes.set(id, hash)
      for (const chunk of message.chunks) {
        hash.update(chunk)
        if (message.file !== undefined) append(message.file, chunk)
      }
      return undefined
    case 'digest':
      hashes.delete(id)
      return hash.digest('hex')
    case 'discard':
      hashes.delete(id)
      return undefined
  }
}

/** Writes while the bytes are still in this core's cache: from another thread, the copy costs twice as much. */
function append(file: number, chunk: Uint8Array): void {
  for (let written = 0; written < chunk.length; ) written += writeSync(file, chunk, written)
}

function reply(answer: FromWorker): void {
  parentPort?.postMessage(answer)
}
