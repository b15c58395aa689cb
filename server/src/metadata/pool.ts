import { Socket } from 'node:net'
import pg from 'pg'

export type Pool = pg.Pool

/** Where PostgreSQL is: an address, or the socket folder of the embedded one. */
export type Connection =
  | { readonly connectionString: string }
  | { readonly host: string; readonly user: string; readonly database: string }

// Counts and sizes fit a double; strings would have to be converted at each use.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

const common = {
  application_name: 'breakwater',
  connectionTimeoutMillis: 5_000,
  statement_timeout: 30_000,
  idle_in_transaction_session_timeout: 60_000,
  keepAlive: true,
}

interface PoolOptions {
  readonly connection: Connection
  readonly size: number
  /** Makes the sockets; undefined where nobody keeps account of them. */
  readonly stream?: () => Socket
  readonly onError: (error: Error) => void
}

/** The connections that everything but the hot path shares. */
export function createPool({ connection, size, stream = () => new Socket(), onError }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({ ...common, ...connection, stream, max: size })
  pool.on('error', onError)
  return pool
}

/**
 * Connections for rows that a client can do again: where an upload stands. Their commits do not wait for the disk; a
 * crash of the server may lose the last half second of them, and the client then begins that upload anew.
 */
export function createRelaxedPool({ connection, size, stream = () => new Socket(), onError }: PoolOptions): Pool {
  const pool = new pg.Pool({ ...common, ...connection, stream, options: '-c synchronous_commit=off', max: size })
  pool.on('error', onError)
  return pool
}

/**
 * Connections for batched look-ups by key. The planner is kept from scans and hash joins, which it would take on
 * small tables and then keep in a cached plan while the tables grow.
 */
export function createLookupPool({ connection, size, stream = () => new Socket(), onError }: PoolOptions): pg.Pool {
  const options =
    '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c enable_bitmapscan=off ' +
    '-c plan_cache_mode=force_generic_plan -c jit=off'
  const pool = new pg.Pool({ ...common, ...connection, stream, options, max: size, min: 1 })
  pool.on('error', onError)
  return pool
}

const connectionClasses = ['08', '57', '53']
const socketCodes = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']

/** Whether an error means that the database is away or restarting, rather than that a statement was wrong. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (socketCodes.includes(code)) return true
  // The socket of an embedded server that is down; for other calls it is a file that is missing.
  if (code === 'ENOENT') return 'syscall' in error && error.syscall === 'connect'
  // An operator has closed the database to new connections.
  if (code === '55000') return error.message.includes('not currently accepting connections')
  if (/^[0-9A-Z]{5}$/.test(code)) return connectionClasses.includes(code.slice(0, 2)) && code !== '57014'
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
    error.message,
  )
}

/**
 * Whether PostgreSQL refused a value that it cannot hold: a NUL character, a number out of range, a text too long for an
 * index (class 22, and 54000).
 */
export function isBadValue(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(?:22[0-9A-Z]{3}|54000)$/.test(String(error.code))
}
