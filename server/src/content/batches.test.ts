import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drainInBatches, UploadMemory } from './batches.ts'

/** A body whose chunks come when they are asked for, and that may break instead of ending. */
function bodyOf(chunks: readonly Buffer[], broken: boolean): Readable {
  return Readable.from(
    (async function* () {
      for (const chunk of chunks) yield chunk
      if (broken) throw new Error('connection lost')
    })(),
  )
}

const sizes = fc.array(fc.integer({ min: 1, max: 700_000 }), { maxLength: 12 })

describe('a body', () => {
  it('comes whole and in order, whatever the sink, the memory and the end', async () => {
    const property = fc.asyncProperty(
      sizes,
      fc.constantFrom(0, 1 << 20, 64 << 20),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      async (lengths, limit, delays, broken) => {
        const chunks = lengths.map((length, i) => Buffer.alloc(length, i + 1))
        const memory = new UploadMemory(limit)
        const taken: Buffer[] = []
        let inside = 0
        let turn = 0
        const complete = await drainInBatches(bodyOf(chunks, broken), memory, async (batch, size) => {
          inside += 1
          expect(inside).toBe(1)
          expect(batch.reduce((sum, { length }) => sum + length, 0)).toBe(size)
          taken.push(...batch)
          turn += 1
          await wait(delays[turn % delays.length])
          inside -= 1
        })
        expect(complete).toBe(!broken)
        expect(Buffer.concat(taken).equals(Buffer.concat(chunks))).toBe(true)
        expect(room(memory)).toBe(limit)
      },
    )
    await fc.assert(property, { numRuns: 40 })
  })

  it('waits while the sink is slow: two batches at most', async () => {
    let sent = 0
    const body = new Readable({
      highWaterMark: 1,
      read() {
        sent += 1
        this.push(sent > 40 ? null : Buffer.alloc(1 << 18))
      },
    })
    let most = 0
    let done = 0
    await drainInBatches(body, new UploadMemory(64 << 20), async (_, size) => {
      most = Math.max(most, sent * (1 << 18) - done)
      await wait(3)
      done += size
    })
    expect(done).toBe(40 << 18)
    expect(most).toBeLessThanOrEqual(3 << 20)
  })

  it('ends with the error of the sink, and gives the memory back', async () => {
    const memory = new UploadMemory(64 << 20)
    const body = bodyOf(
      Array.from({ length: 10 }, () => Buffer.alloc(1 << 20)),
      false,
    )
    let calls = 0
    const draining = drainInBatches(body, memory, async () => {
      calls += 1
      if (calls === 2) throw new Error('disk full')
    })
    await expect(draining).rejects.toThrow('disk full')
    await wait(20)
    expect(calls).toBe(2)
    expect(room(memory)).toBe(64 << 20)
  })

  it.each([
    ['ended', true],
    ['destroyed', false],
  ])('that has %s before is answered for', async (how, complete) => {
    const body = Readable.from([])
    if (how === 'ended') for await (const _ of body);
    else body.destroy()
    const draining = drainInBatches(body, new UploadMemory(0), async () => undefined)
    expect(await draining).toBe(complete && body.readableEnded)
  })
})

describe('memory', () => {
  it('that is short makes batches small, and long again when it is back', () => {
    const memory = new UploadMemory(1000)
    expect(memory.batch).toBe(1 << 20)
    memory.add(1000)
    expect(memory.batch).toBe(1)
    memory.add(-1)
    expect(memory.batch).toBe(1 << 20)
  })
})

/** How many bytes more make memory short. */
function room(memory: UploadMemory): number {
  const limits = { low: 0, high: 128 << 20 }
  while (limits.low < limits.high) {
    const middle = (limits.low + limits.high) >> 1
    memory.add(middle)
    const short = memory.batch === 1
    memory.add(-middle)
    if (short) limits.high = middle
    else limits.low = middle + 1
  }
  return limits.low
}
