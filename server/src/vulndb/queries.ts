import type { Db, Tx } from '../metadata/index.ts'
import type { Generation } from './generation.ts'

const columns = `id, digest, source, built_at as "builtAt", next_update as "nextUpdate", imported_at as "importedAt", counts`

type GenerationRow = Omit<Generation, 'nextUpdate'> & { readonly nextUpdate: Date | null }

function read(row: GenerationRow | undefined): Generation | undefined {
  return row && { ...row, nextUpdate: row.nextUpdate ?? undefined }
}

export async function findCurrent(db: Db): Promise<Generation | undefined> {
  const { rows } = await db.query<GenerationRow>({
    name: 'vulndb-current',
    text: `select ${columns} from vulndb_generation where state = 'current'`,
  })
  return read(rows[0])
}

export async function findGeneration(db: Db, id: number): Promise<Generation | undefined> {
  const { rows } = await db.query<GenerationRow>(`select ${columns} from vulndb_generation where id = $1`, [id])
  return read(rows[0])
}

/** A generation that nobody sees yet. */
export async function insertGeneration(
  tx: Tx,
  { digest, source, builtAt, nextUpdate }: Pick<Generation, 'digest' | 'source' | 'builtAt' | 'nextUpdate'>,
): Promise<number> {
  const { rows } = await tx.query<{ id: number }>(
    `insert into vulndb_generation (digest, source, built_at, next_update, state)
     values ($1, $2, $3, $4, 'importing') returning id`,
    [digest, source, builtAt, nextUpdate ?? null],
  )
  const [row] = rows
  if (!row) throw new Error('a generation was not inserted')
  return row.id
}

export async function setCounts(tx: Tx, id: number, counts: Generation['counts']): Promise<void> {
  await tx.query('update vulndb_generation set counts = $2 where id = $1', [id, JSON.stringify(counts)])
}

/** Puts a whole generation in the place of the one in use. */
export async function flip(tx: Tx, id: number): Promise<void> {
  await tx.query(`update vulndb_generation set state = 'retired', retired_at = now() where state = 'current'`)
  await tx.query(`update vulndb_generation set state = 'current', imported_at = now() where id = $1`, [id])
}

/** Generations that nobody reads any more: those of imports that ended early, and all retired ones but the newest young one. */
export async function findLeftovers(db: Db, keepMs: number): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `select id from vulndb_generation
     where state = 'importing' or (state = 'retired' and (retired_at < now() - $1 * interval '1 ms'
       or id <> (select max(id) from vulndb_generation where state = 'retired')))
     order by id`,
    [keepMs],
  )
  return rows.map(({ id }) => id)
}

/** With what else hangs on it. */
export async function deleteGeneration(tx: Tx, id: number): Promise<void> {
  await tx.query('set local statement_timeout = 0')
  await tx.query('delete from vulndb_generation where id = $1', [id])
}

/** Keeps the generation in use as it is until the transaction ends; many may hold it, the flip waits for all. */
export async function holdGeneration(tx: Tx): Promise<void> {
  await tx.query('select pg_advisory_xact_lock_shared($1)', [flipLock])
}

/** Waits until nobody holds the generation in use, and lets nobody hold it until the transaction ends. */
export async function lockGeneration(tx: Tx): Promise<void> {
  // Whoever comes meanwhile waits behind us; so we don't wait for one that never ends.
  await tx.query(`set local lock_timeout = '20s'`)
  await tx.query('select pg_advisory_xact_lock($1)', [flipLock])
  await tx.query('set local statement_timeout = 0')
}

/** Takes the only right to import, for as long as the connection lives; false while another has it. */
export async function tryImportLock(connection: Db): Promise<boolean> {
  const { rows } = await connection.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [importLock])
  return rows[0]?.taken === true
}

/** Any numbers that no other user of the database takes. */
const flipLock = 0x62777666
const importLock = 0x62777669
