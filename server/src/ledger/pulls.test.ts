import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Db } from '../metadata/index.ts'
import { createPulls } from './pulls.ts'
import type { Pull } from './record.ts'

const pull: Pull = {
  at: new Date(),
  repositoryId: 1,
  digest: Buffer.alloc(32),
  tag: 'v1',
  actor: { name: 'user:x', credential: 'basic', address: '', requestId: '' },
  warned: false,
}

/** A database that counts rows, and can be away. */
function countingDb(): { db: Db; batches: number[]; away: boolean } {
  const state = {
    batches: [] as number[],
    away: false,
    db: {
      query: async ({ values }: { values: unknown[][] }) => {
        if (state.away) throw new Error('away')
        state.batches.push(values[0]?.length ?? 0)
      },
    } as unknown as Db,
  }
  return state
}

it('writes what was gathered in an interval at once', async () => {
  const state = countingDb()
  await using pulls = createPulls(state.db, 20, () => undefined)
  for (let i = 0; i < 100; i += 1) pulls.note(pull)
  await expect.poll(() => state.batches).toEqual([100])
})

it('writes in batches, and what is left when it ends', async () => {
  const state = countingDb()
  {
    await using pulls = createPulls(state.db, 60_000, () => undefined)
    for (let i = 0; i < 12_000; i += 1) pulls.note(pull)
  }
  expect(state.batches.reduce((sum, rows) => sum + rows, 0)).toBe(12_000)
  expect(Math.max(...state.batches)).toBeLessThanOrEqual(5_000)
})

it('keeps pulls while the database is away, up to a limit, and says how many were lost', async () => {
  const state = countingDb()
  const lines: string[] = []
  state.away = true
  await using pulls = createPulls(state.db, 20, (line) => lines.push(line))
  for (let i = 0; i < 100_003; i += 1) pulls.note(pull)
  await wait(60)
  expect(lines[0]).toMatch(/^pulls not written yet/)
  state.away = false
  await expect.poll(() => state.batches.reduce((sum, rows) => sum + rows, 0)).toBe(100_000)
  await expect.poll(() => lines.at(-1)).toBe('3 pulls were not recorded while the database was away')
})
