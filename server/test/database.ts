import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import type { EmbeddedDatabase } from '../src/metadata/index.ts'

export interface TestDatabase {
  /** For node-postgres. */
  readonly connection: EmbeddedDatabase['connection']
  /** Removes it, ending sessions that are still open. */
  drop(): Promise<void>
}

/**
 * A database of the caller's own with the current schema and no rows but the migrations': a clone of the template that
 * global-setup.ts made on the run's PostgreSQL. Throws when the run has none.
 */
export function createTestDatabase(): Promise<TestDatabase> {
  return createFrom(({ database }) => database)
}

/** A database of the caller's own with nothing in it. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createFrom(() => 'template0')
}

async function createFrom(source: (template: EmbeddedDatabase['connection']) => string): Promise<TestDatabase> {
  const template = inject('templateDatabase')
  if (!template) throw new Error('No database for tests: list server/test/global-setup.ts as globalSetup of vitest.')
  const database = `test_${randomBytes(8).toString('hex')}`
  await administer(template, (name) => `create database ${name(database)} template ${name(source(template))}`)
  return {
    connection: { ...template, database },
    drop: () => administer(template, (name) => `drop database if exists ${name(database)} with (force)`),
  }
}

async function administer(
  template: EmbeddedDatabase['connection'],
  statement: (name: (identifier: string) => string) => string,
): Promise<void> {
  const client = new pg.Client({ ...template, database: 'postgres' })
  await client.connect()
  try {
    await client.query(statement(pg.escapeIdentifier))
  } finally {
    await client.end()
  }
}
