/**
 * metadata: PostgreSQL, the only database: connections, transactions, migrations, and the embedded server.
 * Owns tables: migration, setting.   Enter by: openDatabase, transaction, Lookup; copyOut and loadDatabase
 * for all tables at once.
 * Uses: config, observability.   Never: knows what a table is for.
 */
export { attachDatabase, type Database, openDatabase, readSetting, writeSetting, writeSettingOnce } from './database.ts'
export { type EmbeddedDatabase, startEmbedded } from './embedded/index.ts'
export { loadDatabase, requireEmpty, requireKnown } from './load.ts'
export { Lookup } from './lookup.ts'
export { type MigrationState, migrate, migrationState } from './migrate.ts'
export { type Connection, createPool, isBadValue, isUnavailable, type Pool } from './pool.ts'
export { runningEmbedded } from './running-embedded.ts'
export { copyOut, listTables, sequenceValues, snapshot, type TableShape } from './tables.ts'
export { tracePool } from './traced.ts'
export { type Db, type Tx, transaction } from './transaction.ts'
