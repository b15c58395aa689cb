import pg from 'pg'
import { pino } from 'pino'
import { createJobs, type Jobs } from '../../src/jobs/index.ts'
import { createTestDatabase, type TestDatabase } from '../database.ts'

export interface JobsFixture extends AsyncDisposable {
  readonly jobs: Jobs
  readonly pool: pg.Pool
  readonly database: TestDatabase
  /** Lines of the log. */
  readonly logged: readonly string[]
  /** Other workers on the same queues. */
  successor(): Promise<Jobs>
  /** Jobs that are not done and not given up. */
  waiting(): Promise<number>
}

/** Queues on a database of their own. */
export async function openJobs(): Promise<JobsFixture> {
  const database = await createTestDatabase()
  const pool = new pg.Pool({ ...database.connection, max: 4 })
  // The database is dropped while connections may still be closing.
  pool.on('error', () => undefined)
  const logged: string[] = []
  const log = pino({ level: 'info' }, { write: (line) => logged.push(line) })
  const open = () => createJobs({ connection: database.connection, pool }, log, { works: true })
  const jobs = await open()
  return {
    jobs,
    pool,
    database,
    logged,
    successor: open,
    waiting: async () => {
      const { rows } = await pool.query(`select count(*)::int from pgboss.job where state in ('created', 'retry')`)
      return rows[0].count
    },
    async [Symbol.asyncDispose]() {
      await jobs[Symbol.asyncDispose]()
      await pool.end()
      await database.drop()
    },
  }
}
