import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../server/test/database.ts'
import { settings } from '../../server/test/registry.ts'

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bw-fault-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** A data folder and a database that live as long as the test, and the environment of servers that share them. */
export async function sharedState(): Promise<{ env: Record<string, string>; database: TestDatabase; dataDir: string }> {
  const dataDir = temporaryFolder()
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  return { env: settings(dataDir, database), database, dataDir }
}
