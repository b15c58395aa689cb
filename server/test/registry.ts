import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { startApp } from '../src/app.ts'
import { loadConfig } from '../src/config/index.ts'
import { type Answer, type Ask, ask, basic } from './client.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

export const adminPassword = 'Adm1n-of-tests'
export const admin = basic('admin', adminPassword)

/** A whole registry in this process, on a database and a folder of its own. */
export interface TestRegistry extends AsyncDisposable {
  readonly origin: string
  readonly dataDir: string
  readonly database: TestDatabase
  /** Rows straight from the registry's database. */
  query<R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<R[]>
  /** A request as the administrator, unless `auth` says otherwise; `auth: undefined` sends no credentials. */
  ask(method: string, path: string, ask?: Ask): Promise<Answer>
  /** A second process as far as one can be had in the same: another app on the same database and folder. */
  twin(): Promise<{ readonly origin: string } & AsyncDisposable>
}

/** Starts a registry. `env` holds settings beyond those that every test needs. */
export async function startRegistry(env: Readonly<Record<string, string>> = {}): Promise<TestRegistry> {
  const opened = new AsyncDisposableStack()
  try {
    const dataDir = mkdtempSync(join(tmpdir(), 'bw-registry-'))
    opened.defer(() => rmSync(dataDir, { recursive: true, force: true }))
    const database = await createTestDatabase()
    opened.defer(() => database.drop())
    const config = loadConfig({ env: { ...settings(dataDir, database), ...env } })
    const app = opened.use(await startApp(config))
    const pool = new pg.Pool({ ...database.connection, max: 2 })
    // The database is dropped while connections may still be closing.
    pool.on('error', () => undefined)
    opened.defer(() => pool.end())
    return {
      origin: app.address,
      dataDir,
      database,
      query: async (text, values = []) => (await pool.query(text, [...values])).rows,
      ask: (method, path, asked) => ask(app.address, method, path, { auth: admin, ...asked }),
      twin: async () => {
        const other = await startApp(config)
        return { origin: other.address, [Symbol.asyncDispose]: () => other[Symbol.asyncDispose]() }
      },
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    }
  } catch (error) {
    await opened.disposeAsync()
    throw error
  }
}

/** The environment of a server for tests; BREAKWATER_LISTEN lets the system choose a free port. */
export function settings(dataDir: string, { connection }: Pick<TestDatabase, 'connection'>): Record<string, string> {
  const { host, port, user, database } = connection
  return {
    BREAKWATER_DATA_DIR: dataDir,
    BREAKWATER_LISTEN: '127.0.0.1:0',
    BREAKWATER_ADMIN_PASSWORD: adminPassword,
    BREAKWATER_DATABASE_URL: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`,
    BREAKWATER_LOG_LEVEL: 'error',
    BREAKWATER_LOG_FORMAT: 'text',
    BREAKWATER_LEDGER_PULL_FLUSH: '20ms',
    // Tests speak to nobody outside.
    BREAKWATER_VULNDB_SOURCE: 'none',
  }
}

/** One registry for all tests of a file. */
export function sharedRegistry(env: Readonly<Record<string, string>> = {}): () => TestRegistry {
  let registry: TestRegistry | undefined
  beforeAll(async () => {
    registry = await startRegistry(env)
  })
  afterAll(() => registry?.[Symbol.asyncDispose]())
  return () => {
    if (!registry) throw new Error('the registry runs only within tests')
    return registry
  }
}
