import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Lookup } from './lookup.ts'

const limits = { inFlight: 2, batch: 4 }

it('answers each key with its own result, within the limits', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 2 })), { maxLength: 40 }),
    async (asked) => {
      let running = 0
      const lookup = new Lookup<number, string>(async (keys) => {
        running += 1
        expect(running).toBeLessThanOrEqual(limits.inFlight)
        expect(keys.length).toBeLessThanOrEqual(limits.batch)
        await wait(1)
        running -= 1
        return keys.map((key) => `result ${key}`)
      }, limits)
      const answers = asked.map(async ([key, delay]) => {
        await wait(delay)
        return lookup.get(key)
      })
      expect(await Promise.all(answers)).toEqual(asked.map(([key]) => `result ${key}`))
    },
  )
  await fc.assert(property, { numRuns: 25 })
})

it('joins what is asked for while a query is on its way', async () => {
  const batches: number[] = []
  const lookup = new Lookup<number, number>(
    async (keys) => {
      batches.push(keys.length)
      await wait(20)
      return keys
    },
    { inFlight: 1, batch: 100 },
  )
  const first = lookup.get(0)
  await wait(5)
  await Promise.all([first, ...Array.from({ length: 50 }, (_, i) => lookup.get(i))])
  expect(batches).toEqual([1, 50])
})

it('fails only those that went out together, and goes on', async () => {
  const lookup = new Lookup<string, string>(
    async (keys) => {
      await wait(5)
      if (keys.includes('bad')) throw new Error('away')
      return keys
    },
    { inFlight: 1, batch: 4 },
  )
  const outcomes = await Promise.allSettled(['before', 'bad', 'with it'].map((key) => lookup.get(key)))
  expect(outcomes.slice(1).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await lookup.get('good')).toBe('good')
})
