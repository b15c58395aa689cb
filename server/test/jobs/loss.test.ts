import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { expect, it } from 'vitest'
import { transaction } from '../../src/metadata/index.ts'
import { openJobs } from './fixture.ts'

const workerProcess = fileURLToPath(new URL('./worker-process.ts', import.meta.url))

it('gives the job of a killed process to another one', { timeout: 60_000 }, async () => {
  await using own = await openJobs()
  const child = spawn(process.execPath, [workerProcess, JSON.stringify(own.database.connection)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await transaction(own.pool, (tx) => own.jobs.enqueue(tx, 'scan', { key: 'a', data: { key: 'a' }, lane: 'push' }))
    await once(child.stdout, 'data')
  } finally {
    child.kill('SIGKILL')
  }
  const killed = performance.now()
  const taken = Promise.withResolvers<object>()
  await own.jobs.work('scan', { concurrency: 1 }, async (data) => taken.resolve(data))
  expect(await taken.promise).toEqual({ key: 'a' })
  console.log(`a killed worker's job ran again after ${((performance.now() - killed) / 1000).toFixed(1)} s`)
})

it('goes on when the database has been away', { timeout: 60_000 }, async () => {
  await using own = await openJobs()
  const done: string[] = []
  await own.jobs.work<{ key: string }>('scan', { concurrency: 2 }, async ({ key }) => {
    done.push(key)
  })
  const put = (key: string) =>
    transaction(own.pool, (tx) => own.jobs.enqueue(tx, 'scan', { key, data: { key }, lane: 'push' }))
  await put('before')
  while (done.length < 1) await wait(20)
  await interruptDatabase(own.database.connection, 3_000)
  await put('after')
  while (done.length < 2) await wait(20)
  expect(done).toEqual(['before', 'after'])
  const complaints = own.logged.filter((line) => line.includes('jobs wait for the database'))
  expect(complaints.length).toBeGreaterThan(0)
  expect(complaints.length).toBeLessThan(5)
})

/** Ends every session of a database and lets no new one in for a while, as a restart does. */
async function interruptDatabase(connection: pg.ClientConfig, duration: number): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'postgres' })
  await client.connect()
  const name = pg.escapeIdentifier(connection.database ?? '')
  try {
    await client.query(`alter database ${name} allow_connections false`)
    await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
      connection.database,
    ])
    await wait(duration)
  } finally {
    await client.query(`alter database ${name} allow_connections true`)
    await client.end()
  }
}
