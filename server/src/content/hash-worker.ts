import { createHash, type Hash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import type { FromWorker, ToWorker } from './hashing.ts'

const hashes = new Map<number, Hash>()

parentPort?.on('message', (message: ToWorker) => {
  const hash = hashes.get(message.id)
  switch (message.op) {
    case 'start':
      hashes.set(message.id, createHash(message.algorithm))
      return
    case 'update':
      for (const chunk of message.chunks) hash?.update(chunk)
      reply({ id: message.id })
      return
    case 'digest':
      hashes.delete(message.id)
      reply({ id: message.id, hex: hash?.digest('hex') ?? '' })
      return
    case 'discard':
      hashes.delete(message.id)
  }
})

function reply(answer: FromWorker): void {
  parentPort?.postMessage(answer)
}
