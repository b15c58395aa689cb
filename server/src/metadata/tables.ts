import type { Readable } from 'node:stream'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { type Db, type Tx, transaction } from './transaction.ts'

/** A table as it is copied: partitioned ones with all that is in their partitions. */
export interface TableShape {
  readonly name: string
  /** Those that mean something elsewhere too: neither computed ones, nor ids of this server's transactions. */
  readonly columns: readonly string[]
  readonly partitions: readonly { readonly name: string; readonly bound: string }[]
}

/**
 * Every table of the schema but `migration`, by name. A table that is called like a partition and is attached to nothing
 * is being filled or taken away, and left out.
 */
export async function listTables(db: Db): Promise<TableShape[]> {
  const { rows } = await db.query<TableShape>(
    `select t.relname as name,
            array(select a.attname::text from pg_attribute a
                  where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                    and a.atttypid <> 'xid8'::regtype order by a.attnum) as columns,
            coalesce((select json_agg(json_build_object('name', p.relname, 'bound', pg_get_expr(p.relpartbound, p.oid))
                        order by p.oid)
                      from pg_inherits i join pg_class p on p.oid = i.inhrelid
                      where i.inhparent = t.oid and not i.inhdetachpending), '[]') as partitions
     from pg_class t
     where t.relnamespace = current_schema()::regnamespace and t.relkind in ('r', 'p') and not t.relispartition
       and t.relname <> 'migration'
       and not (t.relkind = 'r' and exists (select from pg_class parent
         where parent.relnamespace = t.relnamespace and parent.relkind = 'p'
           and t.relname ~ ('^' || parent.relname || '_[0-9]+$')))
     order by t.relname`,
  )
  return rows
}

/** Where the sequences of the schema stand; those that nobody has used are left out. */
export async function sequenceValues(db: Db): Promise<{ readonly name: string; readonly value: number }[]> {
  const { rows } = await db.query<{ name: string; value: number }>(
    `select sequencename as name, last_value as value from pg_sequences
     where schemaname = current_schema() and last_value is not null order by sequencename`,
  )
  return rows
}

/** Reads the database as it is at one moment, however long `work` takes. Nothing can be changed meanwhile. */
export function snapshot<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  return transaction(pool, async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only')
    await tx.query('set local statement_timeout = 0')
    // Between two tables somebody's slow disk may be waited for.
    await tx.query('set local idle_in_transaction_session_timeout = 0')
    await plainText(tx)
    return work(tx)
  })
}

/**
 * The rows of a table, or of a query, in COPY's text format. `take` has to read the stream to its end. Resolves with the
 * number of rows.
 */
export async function copyOut(
  tx: Tx,
  from: Pick<TableShape, 'name' | 'columns'> | { readonly query: string },
  take: (rows: Readable) => Promise<void>,
): Promise<number> {
  const query =
    'query' in from ? from.query : `select ${identifiers(from.columns)} from ${pg.escapeIdentifier(from.name)}`
  const stream = tx.query(copyTo(`copy (${query}) to stdout`))
  await take(stream)
  // The number of rows comes after the last of them; what is asked next is answered later still.
  await tx.query('select')
  return stream.rowCount
}

/** Text that reads the same whatever a role or database has set. */
export async function plainText(tx: Tx): Promise<void> {
  await tx.query(
    `set local client_encoding = 'UTF8'; set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres';
     set local timezone = 'UTC'; set local bytea_output = 'hex'; set local extra_float_digits = 1`,
  )
}

export function identifiers(names: readonly string[]): string {
  return names.map((name) => pg.escapeIdentifier(name)).join(', ')
}
