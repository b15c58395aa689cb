import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { type EmbeddedDatabase, migrate, startEmbedded } from '../src/metadata/index.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the run's PostgreSQL is, and in `database` the migrated template; see createTestDatabase. */
    readonly templateDatabase: EmbeddedDatabase['connection']
  }
}

/** Starts one PostgreSQL for the whole run, with a migrated database to clone, and returns what ends it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'bw-test-'))
  const settings = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }
  const lines: string[] = []
  const server = await startEmbedded({ dataDir: join(folder, 'postgres'), log: (line) => lines.push(line), settings })
  async function teardown(): Promise<void> {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const pool = new pg.Pool({ ...server.connection, max: 2 })
  // Else a failed migration is hidden behind the connection that ends with the server.
  pool.on('error', () => undefined)
  try {
    await migrate(pool)
  } catch (cause) {
    await pool.end()
    await teardown()
    throw new Error(`The tests' database cannot be prepared. PostgreSQL said: ${lines.join('\n')}`, { cause })
  }
  // A database that is to be cloned must have no session.
  await pool.end()
  project.provide('templateDatabase', server.connection)
  return teardown
}
