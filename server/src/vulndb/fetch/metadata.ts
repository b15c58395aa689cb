import { ImportRefused } from '../refusal.ts'

/** What `metadata.json` says beside a database. */
export interface DatabaseMetadata {
  readonly builtAt: Date
  readonly nextUpdate: Date | undefined
}

/** The form of trivy.db that can be read. */
const schemaVersion = 2

/** Throws ImportRefused, naming the field. */
export function parseMetadata(text: string): DatabaseMetadata {
  const { Version, UpdatedAt, NextUpdate } = parseObject(text)
  if (Version !== schemaVersion) {
    throw new ImportRefused(
      `The database has schema version ${JSON.stringify(Version)}; this release reads ${schemaVersion}. Use the tag ${schemaVersion} of trivy-db.`,
    )
  }
  const builtAt = readDate(UpdatedAt)
  if (!builtAt) throw new ImportRefused('metadata.json does not say when the database was built (UpdatedAt).')
  return { builtAt, nextUpdate: readDate(NextUpdate) }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Said below.
  }
  throw new ImportRefused('metadata.json holds no JSON object.')
}

/** Go writes the zero time for none. */
function readDate(value: unknown): Date | undefined {
  if (typeof value !== 'string') return undefined
  const date = new Date(value)
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() < 2000 ? undefined : date
}
