import type pg from 'pg'

/**
 * Lends a connection; `discard` keeps it from being used again. When the server dies meanwhile, a connection says so by
 * an event beside the failed query; without a listener that event would end the process.
 */
export async function withClient<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient, discard: (error: Error) => void) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  let lost: Error | undefined
  const discard = (error: Error) => {
    lost = error
  }
  client.on('error', discard)
  try {
    return await work(client, discard)
  } finally {
    client.off('error', discard)
    client.release(lost)
  }
}
