import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Jobs, Lane } from '../../src/jobs/index.ts'
import { transaction } from '../../src/metadata/index.ts'
import { type JobsFixture, openJobs } from './fixture.ts'

describe('jobs', () => {
  let fixture: JobsFixture
  beforeAll(async () => {
    fixture = await openJobs()
  })
  afterAll(() => fixture[Symbol.asyncDispose]())

  const enqueue = (key: string, lane: Lane, data: object = { key }) =>
    transaction(fixture.pool, (tx) => fixture.jobs.enqueue(tx, 'scan', { key, data, lane }))

  it('runs what a committed transaction queued, and nothing of one that failed', async () => {
    const failed = transaction(fixture.pool, async (tx) => {
      await fixture.jobs.enqueue(tx, 'scan', { key: 'never', data: { key: 'never' }, lane: 'push' })
      throw new Error('undone')
    })
    await expect(failed).rejects.toThrow('undone')
    await enqueue('one', 'push')
    await enqueue('two', 'sweep')
    const done = await collect(fixture.jobs, 2)
    expect(done).toEqual(['one', 'two'])
  })

  it('queues a key once while it waits, moves it forward, and once more while it runs', async () => {
    const held = Promise.withResolvers<void>()
    const started = Promise.withResolvers<void>()
    const runs: string[] = []
    await using own = await openJobs()
    const put = (key: string, lane: Lane) =>
      transaction(own.pool, (tx) => own.jobs.enqueue(tx, 'scan', { key, data: { key }, lane }))
    await put('first', 'push')
    await own.jobs.work<{ key: string }>('scan', { concurrency: 1 }, async ({ key }) => {
      runs.push(key)
      if (runs.length > 1) return
      started.resolve()
      await held.promise
    })
    await started.promise
    await put('late', 'sweep')
    await put('middle', 'manual')
    await put('late', 'push')
    await put('late', 'sweep')
    for (let i = 0; i < 3; i += 1) await put('first', 'sweep')
    held.resolve()
    await until(() => runs.length === 4)
    expect(runs).toEqual(['first', 'late', 'middle', 'first'])
    expect(await own.waiting()).toBe(0)
  })

  it('tries a failed job again and says why it failed', async () => {
    await using own = await openJobs()
    let failures = 0
    await own.jobs.work<{ key: string }>('scan', { concurrency: 1 }, async ({ key }) => {
      if (key !== 'fails') return
      failures += 1
      throw new Error('as often as it is tried')
    })
    await transaction(own.pool, (tx) =>
      own.jobs.enqueue(tx, 'scan', { key: 'fails', data: { key: 'fails' }, lane: 'sweep' }),
    )
    await until(() => failures >= 2)
    expect(own.logged.some((line) => line.includes('as often as it is tried'))).toBe(true)
  })

  it('keeps a place for what somebody waits for', async () => {
    await using own = await openJobs()
    const seen: string[] = []
    const held = Promise.withResolvers<void>()
    await own.jobs.work<{ key: string }>('scan', { concurrency: 2 }, async ({ key }) => {
      seen.push(key)
      if (key.startsWith('sweep')) await held.promise
    })
    for (const key of ['sweep 1', 'sweep 2', 'sweep 3']) {
      await transaction(own.pool, (tx) => own.jobs.enqueue(tx, 'scan', { key, data: { key }, lane: 'sweep' }))
    }
    await until(() => seen.length === 1)
    await transaction(own.pool, (tx) =>
      own.jobs.enqueue(tx, 'scan', { key: 'push', data: { key: 'push' }, lane: 'push' }),
    )
    await until(() => seen.includes('push'))
    expect(seen).toEqual(['sweep 1', 'push'])
    held.resolve()
    await until(() => seen.length === 4)
  })

  it('hands an interrupted job to whoever comes next', async () => {
    await using own = await openJobs()
    const started = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<unknown>()
    await own.jobs.work('scan', { concurrency: 1 }, async (_data, signal) => {
      started.resolve()
      await wait(60_000, undefined, { signal }).catch((error) => {
        ended.resolve(error)
        throw error
      })
    })
    await transaction(own.pool, (tx) =>
      own.jobs.enqueue(tx, 'scan', { key: 'long', data: { key: 'long' }, lane: 'push' }),
    )
    await started.promise
    const successor = await own.successor()
    await own.jobs[Symbol.asyncDispose]()
    expect(await ended.promise).toBeInstanceOf(Error)
    expect(await collect(successor, 1)).toEqual(['long'])
    await successor[Symbol.asyncDispose]()
  })

  it('queues on schedule, and no more without one', async () => {
    await fixture.jobs.schedule('vulndb', '*/5 * * * *', { key: 'refresh', data: {} })
    await fixture.jobs.schedule('vulndb', '0 3 * * *', { key: 'refresh', data: {} })
    const rows = () => fixture.pool.query('select cron from pgboss.schedule').then((result) => result.rows)
    expect(await rows()).toEqual([{ cron: '0 3 * * *' }])
    await fixture.jobs.schedule('vulndb', undefined, { key: 'refresh', data: {} })
    expect(await rows()).toEqual([])
  })
})

async function collect(jobs: Jobs, count: number): Promise<string[]> {
  const done: string[] = []
  await jobs.work<{ key: string }>('scan', { concurrency: 1 }, async ({ key }) => {
    done.push(key)
  })
  await until(() => done.length === count)
  return done
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await wait(10)
}
