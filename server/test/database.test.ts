import pg from 'pg'
import { expect, it } from 'vitest'
import { migrationState } from '../src/metadata/index.ts'
import { createTestDatabase } from './database.ts'

async function withPool<T>(connection: pg.PoolConfig, use: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const pool = new pg.Pool(connection)
  pool.on('error', () => undefined)
  try {
    return await use(pool)
  } finally {
    await pool.end()
  }
}

it('gives each caller a migrated database of its own', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()])
  await withPool(one.connection, async (pool) => {
    expect((await migrationState(pool)).pending).toEqual([])
    await pool.query('create table mine ()')
  })
  await withPool(other.connection, async (pool) => {
    const found = await pool.query("select to_regclass('migration') as theirs, to_regclass('mine') as mine")
    expect(found.rows).toEqual([{ theirs: 'migration', mine: null }])
  })
  await Promise.all([one.drop(), other.drop()])
})

it('drops a database that still has sessions', async () => {
  const { connection, drop } = await createTestDatabase()
  await withPool(connection, async (pool) => {
    await pool.query('select 1')
    await drop()
    await expect(pool.query('select 1')).rejects.toThrow()
  })
  await expect(withPool(connection, (pool) => pool.query('select 1'))).rejects.toThrow(/does not exist/)
})
