import { constants, setPriority } from 'node:os'
import { answer } from './answer.ts'
import { Frames } from './frame.ts'
import type { FromReader, Task } from './task.ts'

// Whoever waits for a push or a pull goes first. Threads that begin later have the same priority.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL)

const frames = new Frames(process.stdin[Symbol.asyncIterator]())
let last = Promise.resolve()

process.on('message', (task: Task) => {
  last = last.then(() => work(task)).catch(() => process.exit(1))
})

async function work(task: Task): Promise<void> {
  reply({ begun: true })
  try {
    reply({ answer: await answer(task, frames.blob()) })
  } catch (error) {
    reply({ failure: error instanceof Error ? error.message : String(error) })
  }
  // What was not needed is on its way nevertheless.
  await frames.skip()
}

// The server is gone, by whatever end.
process.on('disconnect', () => process.exit(0))

function reply(message: FromReader): void {
  process.send?.(message)
}
