/**
 * metadata: PostgreSQL, the only database: connections, transactions, migrations, and the embedded server.
 * Owns tables: migration, setting.   Enter by: openDatabase, transaction, Lookup.
 * Uses: config.   Never: knows what a table is for.
 */
export { type Database, openDatabase, writeSettingOnce } from './database.ts'
export { type EmbeddedDatabase, startEmbedded } from './embedded/index.ts'
export { Lookup } from './lookup.ts'
export { type MigrationState, migrate, migrationState } from './migrate.ts'
export { type Connection, createPool, isBadValue, isUnavailable, type Pool } from './pool.ts'
export { type Db, type Tx, transaction } from './transaction.ts'
