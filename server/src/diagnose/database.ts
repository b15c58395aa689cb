import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/index.ts'
import {
  type Connection,
  createPool,
  isUnavailable,
  type MigrationState,
  migrationState,
  openDatabase,
  runningEmbedded,
} from '../metadata/index.ts'
import { checkClock } from './clock.ts'
import { type Finding, reason } from './finding.ts'
import { type DatabaseFacts, readDatabaseFacts } from './queries.ts'

const check = 'database'
const oldestVersion = 160_000
const embeddedComfort = 20 * 2 ** 30

type Pool = ReturnType<typeof createPool>

/** Whether the database answers, what it is, which migrations it lacks, and how far its clock is from ours. */
export async function checkDatabase(config: Config): Promise<Finding[]> {
  try {
    const url = config.database.url?.reveal()
    if (url !== undefined) return await withPool({ connectionString: url }, (pool) => examine(pool, config))
    return await checkEmbedded(config)
  } catch (error) {
    return [
      { check, status: 'failed', message: `the database cannot be used: ${reason(error)}`, remedy: remedy(config) },
    ]
  }
}

async function checkEmbedded(config: Config): Promise<Finding[]> {
  const folder = join(config.dataDir, 'postgres')
  if (!existsSync(join(folder, 'cluster'))) {
    const message = `the embedded database is not set up yet; the first start makes it in ${folder}`
    return [{ check, status: 'ok', message }]
  }
  const running = runningEmbedded(folder)
  if (running) {
    try {
      return await withPool(running, (pool) => examine(pool, config))
    } catch (error) {
      // The file that says where it runs outlives a server that was killed.
      if (!isUnavailable(error)) throw error
    }
  }
  await using database = await openDatabase(config, () => undefined)
  return await examine(database.pool, config)
}

async function withPool<T>(connection: Connection, use: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = createPool({ connection, size: 1, onError: () => undefined })
  try {
    return await use(pool)
  } finally {
    await pool.end()
  }
}

async function examine(pool: Pool, config: Config): Promise<Finding[]> {
  // The first query pays for the connection, which would count as skew.
  await readDatabaseFacts(pool)
  const sent = Date.now()
  const facts = await readDatabaseFacts(pool)
  const received = Date.now()
  return [...judge(facts, config), ...migrations(await migrationState(pool)), checkClock(facts.now, sent, received)]
}

function judge(facts: DatabaseFacts, config: Config): Finding[] {
  const embedded = config.database.url === undefined
  const findings: Finding[] = []
  const add = (status: Finding['status'], message: string, remedy: string) =>
    findings.push({ check, status, message, remedy })
  if (facts.versionNumber < oldestVersion) {
    add('failed', `PostgreSQL ${facts.version} is too old`, 'Move the database to PostgreSQL 16 or newer.')
  }
  if (facts.readOnly) add('failed', 'the database is read-only', 'Point database.url at the primary, not at a standby.')
  if (facts.encoding !== 'UTF8') {
    add('failed', `the database's encoding is ${facts.encoding}`, 'Make the database again with ENCODING UTF8.')
  }
  if (facts.maxConnections < config.database.poolSize + 5) {
    const message = `max_connections is ${facts.maxConnections} and database.poolSize ${config.database.poolSize}`
    add(
      'warning',
      message,
      'Raise max_connections to more than poolSize + 5 for each replica, or lower database.poolSize.',
    )
  }
  if (embedded && facts.bytes > embeddedComfort) {
    const message = `the embedded database has grown to ${Math.round(facts.bytes / 2 ** 30)} GiB`
    add('warning', message, 'Move to a PostgreSQL server of your own and set database.url.')
  }
  if (findings.length > 0) return findings
  return [{ check, status: 'ok', message: `PostgreSQL ${facts.version}${embedded ? ', embedded' : ''}` }]
}

function migrations({ pending }: MigrationState): Finding[] {
  if (pending.length === 0) return [{ check, status: 'ok', message: 'the schema is up to date' }]
  const message = `migrations are pending: ${pending.join(', ')}`
  return [
    { check, status: 'warning', message, remedy: 'Run `breakwater migrate`, or start the server, which applies them.' },
  ]
}

function remedy(config: Config): string {
  return config.database.url === undefined
    ? `Free disk space, or correct the owner of ${join(config.dataDir, 'postgres')}; the message above names the cause.`
    : 'Correct host, user, password and database in database.url, and check that this machine may connect.'
}
