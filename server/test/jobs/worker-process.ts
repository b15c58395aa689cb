/** A process that takes one job, says so, and never ends it: to be killed. Its argument is the connection, as JSON. */
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { pino } from 'pino'
import { createJobs } from '../../src/jobs/index.ts'

const connection = JSON.parse(process.argv[2] ?? '')
const pool = new pg.Pool({ ...connection, max: 2 })
const jobs = await createJobs({ connection, pool }, pino({ level: 'silent' }), { works: true })
await jobs.work('scan', { concurrency: 1 }, async () => {
  console.log('taken')
  await wait(600_000)
})
