import { expect, it } from 'vitest'
import { createFairQueue, QueueFull } from './fair-queue.ts'

/** Work that ends when it is told to, in the order in which it was begun. */
function stage() {
  const begun: { readonly name: string; readonly end: () => void }[] = []
  return {
    begun: () => begun.map(({ name }) => name),
    work: (name: string) => () => new Promise<string>((resolve) => begun.push({ name, end: () => resolve(name) })),
    end: async (position: number) => {
      begun[position]?.end()
      await new Promise(setImmediate)
    },
  }
}

it('lets sources take turns, however much one of them asks for', async () => {
  const queue = createFairQueue({ running: 1, waitingEach: 10, waiting: 20 })
  const { begun, work, end } = stage()
  const asked = ['a', 'a', 'a', 'a', 'b', 'c', 'b'].map((source, n) => queue.run(source, work(`${source}${n}`)))
  for (let position = 0; position < asked.length; position++) await end(position)
  expect(begun()).toEqual(['a0', 'a1', 'b4', 'c5', 'a2', 'b6', 'a3'])
  expect(await Promise.all(asked)).toEqual(['a0', 'a1', 'a2', 'a3', 'b4', 'c5', 'b6'])
})

it('runs no more at once than it may', async () => {
  const queue = createFairQueue({ running: 2, waitingEach: 10, waiting: 20 })
  const { begun, work, end } = stage()
  const asked = ['a', 'b', 'c', 'd'].map((source) => queue.run(source, work(source)))
  await new Promise(setImmediate)
  expect(begun()).toEqual(['a', 'b'])
  await end(1)
  expect(begun()).toEqual(['a', 'b', 'c'])
  for (const position of [0, 2, 3]) await end(position)
  await Promise.all(asked)
})

it('goes on after work that failed', async () => {
  const queue = createFairQueue({ running: 1, waitingEach: 1, waiting: 1 })
  const failed = queue.run('a', () => Promise.reject(new Error('no')))
  const after = queue.run('a', () => Promise.resolve('yes'))
  await expect(failed).rejects.toThrow('no')
  expect(await after).toBe('yes')
  expect(await queue.run('a', () => Promise.resolve('again'))).toBe('again')
})

it('refuses a source that has too much waiting, and then only it', async () => {
  const queue = createFairQueue({ running: 1, waitingEach: 2, waiting: 3 })
  const { begun, work, end } = stage()
  const asked = ['a', 'a', 'a'].map((source) => queue.run(source, work(source)))
  await expect(queue.run('a', work('a'))).rejects.toThrow(QueueFull)
  asked.push(queue.run('b', work('b')))
  await expect(queue.run('c', work('c'))).rejects.toThrow(QueueFull)
  for (let position = 0; position < 4; position++) await end(position)
  await Promise.all(asked)
  expect(begun()).toEqual(['a', 'a', 'b', 'a'])
})
