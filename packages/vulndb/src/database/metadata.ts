import { VulndbError } from '../error.ts'
import { limits } from '../limits.ts'
import type { DatabaseMetadata } from './record.ts'

/** The only schema that is read. */
const schemaVersion = 2

/** Reads `metadata.json`. Throws VulndbError: `metadata`, or `schema` for another version. */
export function parseMetadata(bytes: Buffer): DatabaseMetadata {
  if (bytes.length > limits.metadataBytes) throw new VulndbError('too-large', `metadata.json has ${bytes.length} bytes`)
  const members = parseObject(bytes)
  if (members['Version'] !== schemaVersion) {
    const found = typeof members['Version'] === 'number' ? String(members['Version']) : 'missing'
    throw new VulndbError('schema', `the database's schema version is ${found}, not ${schemaVersion}`)
  }
  const updatedAt = dateOf(members['UpdatedAt'])
  if (updatedAt === undefined) throw new VulndbError('metadata', 'metadata.json does not say when it was built')
  return {
    version: schemaVersion,
    updatedAt,
    nextUpdate: dateOf(members['NextUpdate']),
    downloadedAt: dateOf(members['DownloadedAt']),
  }
}

function parseObject(bytes: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch (cause) {
    throw new VulndbError('metadata', 'metadata.json is no JSON', { cause })
  }
  throw new VulndbError('metadata', 'metadata.json is no object')
}

/** Go writes its zero time, the year 1, for no time at all. */
function dateOf(value: unknown): Date | undefined {
  if (typeof value !== 'string') return undefined
  const date = new Date(value)
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1970 ? undefined : date
}
