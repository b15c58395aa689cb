import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { createSchema, migrationFiles, migrationLock } from './migrate.ts'
import { identifiers, listTables, plainText, type TableShape } from './tables.ts'
import { type Db, type Tx, transaction } from './transaction.ts'

export interface LoadedTable extends TableShape {
  readonly rows: number
  /** The rows as copyOut gave them. */
  open(): Readable
}

export interface Load {
  /** The schema that the tables are of. */
  readonly migrations: readonly string[]
  readonly tables: readonly LoadedTable[]
  readonly sequences: readonly { readonly name: string; readonly value: number }[]
  /** Once the schema is there, and once everything is in it; what they do is committed with it. */
  prepare?(tx: Tx): Promise<void>
  finish(tx: Tx): Promise<void>
}

/** Fails with a sentence where the database has tables, or jobs. */
export async function requireEmpty(db: Db): Promise<void> {
  const { rows } = await db.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S') order by 1 limit 3`,
  )
  const names = rows.map(({ name }) => name)
  if (names.length > 0) {
    throw new Error(
      `The database is not empty: it has ${names.join(', ')}${names.length === 3 ? ', …' : ''}. ` +
        'Make a new one and set database.url (BREAKWATER_DATABASE_URL) to it, or, for the embedded one, set ' +
        'dataDir (BREAKWATER_DATA_DIR) to a new folder. Nothing was changed.',
    )
  }
}

/** Fails with a sentence where this version doesn't know a migration that the tables were made by. */
export function requireKnown(migrations: readonly string[]): void {
  const known = new Set(migrationFiles())
  const unknown = migrations.filter((name) => !known.has(name))
  if (unknown.length > 0) {
    throw new Error(
      `It was made by a newer version of Breakwater (schema ${unknown.at(-1)}). Use that version, or a newer one. ` +
        'Nothing was changed.',
    )
  }
}

/**
 * Fills an empty database in one transaction: the schema of those migrations, the rows, the sequences. A process that
 * dies on the way leaves it empty. Fails where rows are missing, or refer to others that are not there.
 */
export function loadDatabase(pool: pg.Pool, load: Load): Promise<void> {
  requireKnown(load.migrations)
  return transaction(pool, async (tx) => {
    await tx.query('set local statement_timeout = 0')
    await tx.query('set local idle_in_transaction_session_timeout = 0')
    // A server that starts now waits, and then finds a database that is set up.
    await tx.query('select pg_advisory_xact_lock($1)', [migrationLock])
    await requireEmpty(tx)
    await createSchema(tx, load.migrations)
    await load.prepare?.(tx)
    await fill(tx, load)
    await load.finish(tx)
  })
}

async function fill(tx: Tx, { tables, sequences }: Load): Promise<void> {
  // What triggers would note has been noted where the rows come from.
  const triggers = await listTriggered(tx)
  for (const name of triggers) await tx.query(`alter table ${pg.escapeIdentifier(name)} disable trigger user`)
  // All at once at the end costs less than row by row, and leaves the order of the tables free.
  const keys = await listForeignKeys(tx)
  for (const { table, name } of keys) await tx.query(`alter table ${table} drop constraint ${name}`)
  await tx.query(`truncate ${identifiers(tables.map(({ name }) => name))}`)
  await plainText(tx)
  const made = new Set((await listTables(tx)).flatMap(({ partitions }) => partitions.map(({ name }) => name)))
  for (const table of tables) {
    for (const { name, bound } of table.partitions) {
      if (made.has(name)) continue
      await tx.query(
        `create table ${pg.escapeIdentifier(name)} partition of ${pg.escapeIdentifier(table.name)} ${bound}`,
      )
    }
    await copyIn(tx, table)
  }
  for (const { table, name, definition } of keys) {
    await tx.query(`alter table ${table} add constraint ${name} ${definition}`)
  }
  for (const name of triggers) await tx.query(`alter table ${pg.escapeIdentifier(name)} enable trigger user`)
  for (const { name, value } of sequences) {
    await tx.query('select setval($1::regclass, $2)', [pg.escapeIdentifier(name), value])
  }
}

async function copyIn(tx: Tx, { name, columns, rows, open }: LoadedTable): Promise<void> {
  const copy = tx.query(copyFrom(`copy ${pg.escapeIdentifier(name)} (${identifiers(columns)}) from stdin`))
  await pipeline(open(), copy)
  if (copy.rowCount !== rows) throw new Error(`${name} has ${copy.rowCount} rows where ${rows} should be`)
}

async function listTriggered(tx: Tx): Promise<string[]> {
  const { rows } = await tx.query<{ name: string }>(
    `select distinct c.relname as name from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where c.relnamespace = current_schema()::regnamespace and not t.tgisinternal and not c.relispartition order by 1`,
  )
  return rows.map(({ name }) => name)
}

interface ForeignKey {
  /** Both quoted where that is needed. */
  readonly table: string
  readonly name: string
  readonly definition: string
}

async function listForeignKeys(tx: Tx): Promise<ForeignKey[]> {
  const { rows } = await tx.query<ForeignKey>(
    `select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
     from pg_constraint
     where connamespace = current_schema()::regnamespace and contype = 'f' and conparentid = 0 order by 1, 2`,
  )
  return rows
}
