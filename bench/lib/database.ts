import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'

/**
 * Connects to the embedded PostgreSQL of a running server by the `postmaster.pid` below its data folder (its lines 4
 * and 5 are port and socket folder). The caller ends the client. Throws when no database runs there.
 */
export async function connectEmbedded(dataFolder: string): Promise<pg.Client> {
  const files = readdirSync(dataFolder, { recursive: true, encoding: 'utf8' })
  const file = files.find((name) => name.endsWith('postmaster.pid'))
  if (!file) throw new Error(`no embedded database runs below ${dataFolder}: start the server first`)
  const lines = readFileSync(join(dataFolder, file), 'utf8').split('\n')
  const [port, host] = [lines[3], lines[4]]
  if (!port || !host) throw new Error(`${file} names no port and socket folder yet: wait until the server is ready`)
  const client = new pg.Client({ host, port: Number(port), user: 'breakwater', database: 'breakwater' })
  await client.connect()
  return client
}
