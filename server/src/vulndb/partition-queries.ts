import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { from as copyFrom } from 'pg-copy-streams'
import type { Db, Tx } from '../metadata/index.ts'

/** Tables that have a partition for each generation, so that one is written beside the others and dropped whole. */
const partitioned = ['advisory_group', 'vulnerability', 'package_answer'] as const

export type Partitioned = (typeof partitioned)[number]

const columns: Readonly<Record<Partitioned, string>> = {
  advisory_group: 'generation, bucket, name, advisories',
  vulnerability: 'generation, id, detail',
  package_answer: 'generation, question, matches',
}

/** The tables of a generation, beside the partitioned ones: readers of those don't wait while it is filled. */
export async function createTables(tx: Tx, generation: number): Promise<void> {
  // Filling them takes as long as there are rows.
  await tx.query('set local statement_timeout = 0')
  for (const table of partitioned) {
    await tx.query(`create table ${nameOf(table, generation)} (like ${table} including defaults)`)
  }
}

/**
 * Fills a table of a generation. `rows` gives the columns after the generation, as they are to be read by COPY's text
 * format; the table is empty or left alone if they end with an error.
 */
export async function copyInto(
  tx: Tx,
  table: Partitioned,
  generation: number,
  rows: Iterable<readonly string[]>,
): Promise<void> {
  const target = `${nameOf(table, generation)} (${columns[table]})`
  await pipeline(Readable.from(lines(generation, rows)), tx.query(copyFrom(`copy ${target} from stdin`)))
}

/** Makes the filled tables partitions. The check spares a scan of them under a lock. */
export async function attachTables(tx: Tx, generation: number): Promise<void> {
  for (const table of partitioned) {
    const name = nameOf(table, generation)
    await tx.query(`alter table ${name} add check (generation = ${Number(generation)})`)
    await tx.query(`alter table ${name} add primary key (${keys[table]})`)
    await tx.query(`alter table ${table} attach partition ${name} for values in (${Number(generation)})`)
  }
  await tx.query(`analyze ${nameOf('advisory_group', generation)}, ${nameOf('vulnerability', generation)}`)
}

const keys: Readonly<Record<Partitioned, string>> = {
  advisory_group: 'generation, bucket, name',
  vulnerability: 'generation, id',
  package_answer: 'generation, question',
}

/** Takes a generation's tables away, attached or not, without making readers of the others wait for long. */
export async function dropTables(db: Db, generation: number): Promise<void> {
  for (const table of partitioned) {
    const name = nameOf(table, generation)
    const { rows } = await db.query<{ attached: boolean }>(
      `select relispartition as attached from pg_class where oid = to_regclass($1)`,
      [name],
    )
    if (rows[0]?.attached) await detach(db, table, name)
    await db.query(`drop table if exists ${name}`)
  }
}

/** Waits for readers instead of locking them out; one that was broken off is finished. */
async function detach(db: Db, table: Partitioned, name: string): Promise<void> {
  const { rows } = await db.query<{ pending: boolean }>(
    'select inhdetachpending as pending from pg_inherits where inhrelid = to_regclass($1)',
    [name],
  )
  const how = rows[0]?.pending ? 'finalize' : 'concurrently'
  await db.query(`alter table ${table} detach partition ${name} ${how}`)
}

function nameOf(table: Partitioned, generation: number): string {
  return `${table}_${Number(generation)}`
}

const chunkLength = 256 * 1024

/** COPY's text format (PostgreSQL, COPY, file formats), in pieces of some size. */
function* lines(generation: number, rows: Iterable<readonly string[]>): Generator<Buffer> {
  let text = ''
  for (const row of rows) {
    text += `${generation}\t${row.map(escaped).join('\t')}\n`
    if (text.length < chunkLength) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text !== '') yield Buffer.from(text)
}

const special = /[\\\n\r\t]/g
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escaped(value: string): string {
  return value.replaceAll(special, (character) => escapes[character] ?? character)
}
