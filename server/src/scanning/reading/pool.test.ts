import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { documents } from '../content/fixture.ts'
import { createReadingPool, type ReadingPool } from './pool.ts'
import { ReadingLost, ReadingStopped } from './reader.ts'
import type { Source } from './task.ts'

let pool: ReadingPool
beforeAll(() => {
  pool = createReadingPool(1)
})
afterAll(() => pool[Symbol.asyncDispose]())

const [signature] = documents
const { mediaType = '', bytes = Buffer.alloc(0) } = signature ?? {}

const piecewise =
  (content: Buffer, piece = 64 << 10): Source =>
  async (sink) => {
    for (let at = 0; at < content.length; at += piece) await sink(content.subarray(at, at + piece))
  }

const isSignature = () => pool.read({ kind: 'document', mediaType }, piecewise(bytes, 7))

it('answers questions in the order in which they come', async () => {
  const answers = await Promise.all([
    isSignature(),
    pool.read({ kind: 'document', mediaType }, piecewise(Buffer.from('{}'))),
    isSignature(),
  ])
  expect(answers).toEqual([true, false, true])
})

it('takes no more bytes than it needs', async () => {
  let sent = 0
  const endless: Source = async (sink) => {
    for (;;) {
      await sink(Buffer.alloc(1 << 20, 0x20))
      sent += 1
    }
  }
  expect(await pool.read({ kind: 'document', mediaType }, endless)).toBe(false)
  expect(sent).toBeLessThan(16)
})

it('a source that fails is told as it is, and the next question is answered', async () => {
  const away = new Error('the blob store is away')
  const failing: Source = async (sink) => {
    await sink(bytes.subarray(0, 10))
    throw away
  }
  await expect(pool.read({ kind: 'document', mediaType }, failing)).rejects.toBe(away)
  expect(await isSignature()).toBe(true)
})

it('a large document takes no memory for what it holds', async () => {
  const arrays = Buffer.from(`{"spdxVersion":"SPDX-2.3","x":[${'["a","b"],'.repeat(6_000_000)}[]]}`)
  const read = () => pool.read({ kind: 'document', mediaType: 'application/spdx+json' }, piecewise(arrays, 1 << 20))
  expect(await read()).toBe(true)
})

it('what is read when the pool is disposed is told so', async () => {
  const own = createReadingPool(1)
  const ending: Source = async (sink) => {
    await sink(bytes)
    await own[Symbol.asyncDispose]()
  }
  await expect(own.read({ kind: 'document', mediaType }, ending)).rejects.toBeInstanceOf(ReadingStopped)
  expect(await isSignature()).toBe(true)
})

/** Process ids of the readers that this process has started. */
function readers(): number[] {
  const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args=']).toString().split('\n')
  const own = list.filter(
    (line) => line.includes('reader-entry') && Number(line.trim().split(/\s+/)[1]) === process.pid,
  )
  return own.map((line) => Number(line.trim().split(/\s+/)[0]))
}

it('a reader that dies in the middle is told, and replaced', async () => {
  const killing: Source = async (sink) => {
    await sink(bytes)
    for (const pid of readers()) process.kill(pid, 'SIGKILL')
    for (;;) await sink(bytes)
  }
  await expect(pool.read({ kind: 'document', mediaType }, killing)).rejects.toBeInstanceOf(ReadingLost)
  expect(await isSignature()).toBe(true)
})

it('a reader that dies while nothing is asked is replaced', async () => {
  await isSignature()
  const dead = readers()
  expect(dead).toHaveLength(1)
  for (const pid of dead) process.kill(pid, 'SIGKILL')
  while (readers().length > 0) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(await isSignature()).toBe(true)
})
