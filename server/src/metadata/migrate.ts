import { readdirSync, readFileSync } from 'node:fs'
import type pg from 'pg'
import { withClient } from './client.ts'
import type { Tx } from './transaction.ts'

const folder = new URL('./migrations/', import.meta.url)
/** Any number that no other user of the database takes; it keeps two starting processes apart. */
export const migrationLock = 0x62776b72

const migrationTable =
  'create table if not exists migration (name text primary key, applied_at timestamptz not null default now())'

const thisAndNextMonth = `select ensure_partitions(now()), ensure_partitions(now() + interval '1 month')`

export interface MigrationState {
  readonly applied: readonly string[]
  readonly pending: readonly string[]
}

/** All migrations of this version, in their order. */
export function migrationFiles(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
}

/** Which migrations the database has and lacks; changes nothing. */
export async function migrationState(pool: pg.Pool): Promise<MigrationState> {
  const known = await pool.query<{ present: boolean }>(`select to_regclass('migration') is not null as present`)
  const rows = known.rows[0]?.present
    ? (await pool.query<{ name: string }>('select name from migration order by name')).rows
    : []
  const applied = rows.map((row) => row.name)
  return { applied, pending: migrationFiles().filter((name) => !applied.includes(name)) }
}

/**
 * Applies the numbered SQL files that the database lacks, each in a transaction of its own, and returns their names.
 * Processes that start together wait for one another.
 */
export function migrate(pool: pg.Pool): Promise<readonly string[]> {
  return withClient(pool, async (client) => {
    await client.query('select pg_advisory_lock($1)', [migrationLock])
    try {
      await client.query(migrationTable)
      const { pending } = await migrationState(pool)
      for (const name of pending) await apply(client, name)
      await client.query(thisAndNextMonth)
      return pending
    } finally {
      await client.query('select pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined)
    }
  })
}

/** Makes the schema of these migrations in a database that has none, as part of the caller's transaction. */
export async function createSchema(tx: Tx, names: readonly string[]): Promise<void> {
  await tx.query(migrationTable)
  for (const name of names) await applyHere(tx, name)
  await tx.query(thisAndNextMonth)
}

async function applyHere(client: Pick<pg.ClientBase, 'query'>, name: string): Promise<void> {
  await client.query(readFileSync(new URL(name, folder), 'utf8'))
  await client.query('insert into migration (name) values ($1)', [name])
}

async function apply(client: pg.PoolClient, name: string): Promise<void> {
  try {
    await client.query('begin')
    // Filling new columns takes as long as there are rows.
    await client.query('set local statement_timeout = 0')
    await applyHere(client, name)
    await client.query('commit')
  } catch (cause) {
    await client.query('rollback').catch(() => undefined)
    throw new Error(`migration ${name} failed and was rolled back: ${String(cause)}`, { cause })
  }
}
