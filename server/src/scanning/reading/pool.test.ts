import { afterAll, beforeAll, expect, it } from 'vitest'
import { documents } from '../content/fixture.ts'
import { createReadingPool, type ReadingPool } from './pool.ts'
import type { Source } from './task.ts'
import { ReadingStopped } from './thread.ts'

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
