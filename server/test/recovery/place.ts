import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { startApp } from '../../src/app.ts'
import { type Config, loadConfig } from '../../src/config/index.ts'
import { type Answer, type Ask, ask } from '../client.ts'
import { createEmptyDatabase } from '../database.ts'
import { admin, settings, type TestRegistry } from '../registry.ts'

export const silent = { step: () => undefined }

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bw-recovery-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** An empty database and an empty folder: where a registry can be restored to. */
export interface Place {
  readonly config: Config
  readonly env: Readonly<Record<string, string>>
  readonly dataDir: string
  query: TestRegistry['query']
}

export async function emptyPlace(env: Readonly<Record<string, string>> = {}): Promise<Place> {
  const dataDir = temporaryFolder()
  const database = await createEmptyDatabase()
  const pool = new pg.Pool({ ...database.connection, max: 2 })
  // The database is dropped while connections may still be closing.
  pool.on('error', () => undefined)
  onTestFinished(async () => {
    await pool.end()
    await database.drop()
  })
  const all = { ...settings(dataDir, database), ...env }
  const query: TestRegistry['query'] = async (text, values = []) => (await pool.query(text, [...values])).rows
  return { config: loadConfig({ env: all }), env: all, dataDir, query }
}

/** The configuration of a registry that runs. */
export function configOf({ dataDir, database }: TestRegistry): Config {
  return loadConfig({ env: settings(dataDir, database) })
}

/** Starts a registry until the test ends. */
export async function start(
  config: Config,
): Promise<{ ask(method: string, path: string, asked?: Ask): Promise<Answer> } & AsyncDisposable> {
  const app = await startApp(config)
  return {
    ask: (method, path, asked) => ask(app.address, method, path, { auth: admin, ...asked }),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}
