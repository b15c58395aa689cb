import type { Db } from '../metadata/index.ts'

export interface DatabaseFacts {
  /** As in 180004 for 18.4. */
  readonly versionNumber: number
  readonly version: string
  readonly readOnly: boolean
  readonly encoding: string
  readonly bytes: number
  readonly maxConnections: number
  /** The database's clock. */
  readonly now: Date
}

export async function readDatabaseFacts(db: Db): Promise<DatabaseFacts> {
  const { rows } = await db.query<DatabaseFacts>(
    `select current_setting('server_version_num')::int as "versionNumber",
            current_setting('server_version') as version,
            current_setting('transaction_read_only')::bool as "readOnly",
            current_setting('server_encoding') as encoding,
            pg_database_size(current_database()) as bytes,
            current_setting('max_connections')::int as "maxConnections",
            clock_timestamp() as now`,
  )
  const [facts] = rows
  if (!facts) throw new Error('the database answered a query without a row')
  return facts
}
