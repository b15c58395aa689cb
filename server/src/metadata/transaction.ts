import type pg from 'pg'
import { withClient } from './client.ts'

/** Reads may go through the pool or inside a transaction. */
export type Db = Pick<pg.Pool, 'query'>
declare const writable: unique symbol
/** Only a transaction may change rows; queries that write ask for this type. */
export type Tx = pg.ClientBase & { readonly [writable]: true }

/** Runs `work` in one transaction: all of it is committed, or none. */
export function transaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  return withClient(pool, async (client, discard) => {
    await client.query('begin')
    try {
      const result = await work(client as unknown as Tx)
      await client.query('commit')
      return result
    } catch (error) {
      await client.query('rollback').catch(discard)
      throw error
    }
  })
}
