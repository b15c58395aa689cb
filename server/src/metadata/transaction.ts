import type pg from 'pg'

/** Reads may go through the pool or inside a transaction. */
export type Db = Pick<pg.Pool, 'query'>
declare const writable: unique symbol
/** Only a transaction may change rows; queries that write ask for this type. */
export type Tx = pg.ClientBase & { readonly [writable]: true }

/** Runs `work` in one transaction: all of it is committed, or none. */
export async function transaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work(client as unknown as Tx)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((cause: unknown) => {
      broken = cause instanceof Error ? cause : new Error(String(cause))
    })
    throw error
  } finally {
    client.release(broken)
  }
}
