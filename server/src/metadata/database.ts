import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import type { Config } from '../config/index.ts'
import { startEmbedded } from './embedded/index.ts'
import { createLines, startHeartbeat } from './heartbeat.ts'
import { type Connection, createLookupPool, createPool, createRelaxedPool, isUnavailable } from './pool.ts'
import { runningEmbedded } from './running-embedded.ts'
import type { Db } from './transaction.ts'

export interface Database extends AsyncDisposable {
  readonly pool: pg.Pool
  /** For batched look-ups by key only; see createLookupPool. */
  readonly lookups: pg.Pool
  /** For rows that may be lost with the server; see createRelaxedPool. */
  readonly relaxed: pg.Pool
  /** Where it is, for a library that keeps connections of its own. */
  readonly connection: Connection
  readonly embedded: boolean
  /** Resolves when an embedded server has ended and is not coming back; never for an outside one. */
  readonly lost: Promise<void>
}

/** Opens the configured database, or starts the embedded one below the data folder. Fails with a sentence where it can't be used. */
export async function openDatabase(config: Config, log: (line: string) => void): Promise<Database> {
  const url = config.database.url
  if (url) return requireUsable(connect({ connectionString: url.reveal() }, config, log))
  mkdirSync(config.dataDir, { recursive: true })
  const embedded = await startEmbedded({ dataDir: join(config.dataDir, 'postgres'), log })
  const database = connect(embedded.connection, config, log)
  return {
    ...database,
    embedded: true,
    lost: embedded.exited.then(() => undefined),
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]()
      await embedded.stop()
    },
  }
}

/** The library's messages say what went wrong, not what it was about. */
async function requireUsable(database: Database): Promise<Database> {
  try {
    await database.pool.query('select')
    return database
  } catch (cause) {
    await database[Symbol.asyncDispose]()
    const reason = cause instanceof Error ? cause.message : String(cause)
    const remedy = 'Check database.url (BREAKWATER_DATABASE_URL), and that PostgreSQL runs there.'
    throw new Error(`The database can't be used: ${reason}. ${remedy}`, { cause })
  }
}

function connect(connection: Connection, config: Config, log: (line: string) => void): Database {
  const onError = (error: Error) => log(`idle database connection lost: ${error.message}`)
  const lines = createLines()
  const common = { connection, stream: lines.stream, onError }
  const pool = createPool({ ...common, size: config.database.poolSize })
  const lookups = createLookupPool({ ...common, size: 2 })
  const relaxed = createRelaxedPool({ ...common, size: 4 })
  const heartbeat = startHeartbeat(connection, lines, log)
  return {
    pool,
    lookups,
    relaxed,
    connection,
    embedded: false,
    lost: new Promise(() => undefined),
    async [Symbol.asyncDispose]() {
      await heartbeat[Symbol.asyncDispose]()
      await Promise.all([pool.end(), lookups.end(), relaxed.end()])
    },
  }
}

/**
 * Opens the database beside whoever uses it already: an embedded one that another process runs is entered by its socket,
 * one that nobody runs is started.
 */
export async function attachDatabase(config: Config, log: (line: string) => void): Promise<Database> {
  const running = config.database.url ? undefined : runningEmbedded(join(config.dataDir, 'postgres'))
  if (running) {
    const database = { ...connect(running, config, log), embedded: true }
    try {
      await database.pool.query('select')
      return database
    } catch (error) {
      await database[Symbol.asyncDispose]()
      // The file that says where it runs outlives a server that was killed.
      if (!isUnavailable(error)) throw error
    }
  }
  return openDatabase(config, log)
}

export async function readSetting(db: Db, key: string): Promise<unknown> {
  const { rows } = await db.query('select value from setting where key = $1', [key])
  return rows[0]?.value
}

/** Stores a setting in place of the value that it has; undefined takes it away. */
export async function writeSetting(db: Db, key: string, value: unknown): Promise<void> {
  if (value === undefined) await db.query('delete from setting where key = $1', [key])
  else {
    await db.query('insert into setting (key, value) values ($1, $2) on conflict (key) do update set value = $2', [
      key,
      JSON.stringify(value),
    ])
  }
}

/** Stores a setting unless it has a value, and returns the value that holds. */
export async function writeSettingOnce(db: Db, key: string, value: unknown): Promise<unknown> {
  await db.query('insert into setting (key, value) values ($1, $2) on conflict do nothing', [
    key,
    JSON.stringify(value),
  ])
  return readSetting(db, key)
}
