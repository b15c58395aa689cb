import { createHash } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

/** What this version writes, and reads. */
const format = 1

const file = Type.Object({
  name: Type.String({ pattern: '^[a-z0-9_.-]+$' }),
  size: Type.Integer({ minimum: 0 }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
})

const bound = `^(DEFAULT|FOR VALUES (IN \\('[^']*'\\)|FROM \\('[^']*'\\) TO \\('[^']*'\\)))$`

const table = Type.Object({
  name: Type.String(),
  columns: Type.Array(Type.String()),
  partitions: Type.Array(Type.Object({ name: Type.String(), bound: Type.String({ pattern: bound }) })),
  rows: Type.Integer({ minimum: 0 }),
  file,
})

const schema = Type.Object({
  format: Type.Literal(format),
  /** Everything, with a list of blobs; or what a registry needs to find its blobs again. */
  kind: Type.Enum(['backup', 'snapshot']),
  id: Type.String({ pattern: '^[0-9a-z-]+$' }),
  /** Of Breakwater, and of PostgreSQL. */
  version: Type.String(),
  postgresql: Type.String(),
  /** ISO 8601. The rows are those of the first moment. */
  startedAt: Type.String(),
  finishedAt: Type.String(),
  migrations: Type.Array(Type.String(), { minItems: 1 }),
  tables: Type.Array(table),
  sequences: Type.Array(Type.Object({ name: Type.String(), value: Type.Integer() })),
  /** Jobs that waited, and schedules. */
  jobs: file,
  blobs: Type.Optional(
    Type.Object({
      file,
      count: Type.Integer({ minimum: 0 }),
      bytes: Type.Integer({ minimum: 0 }),
      /** Named by the rows, and not in the store when they were to be copied. */
      missing: Type.Array(Type.String()),
    }),
  ),
  /** Of the key that robot secrets are hashed with: a check value, and where the key itself is. */
  secretKey: Type.Object({ check: Type.Union([Type.String(), Type.Null()]), file: Type.Optional(file) }),
})

export type Manifest = Static<typeof schema>
export type ArchivedFile = Static<typeof file>
export type ArchivedTable = Static<typeof table>

export const manifestName = 'manifest.json'

/** The manifest as JSON with the hash of itself, so that one that is cut off or changed is known for it. */
export function writeManifest(manifest: Manifest): Buffer {
  return Buffer.from(`${JSON.stringify({ ...manifest, sha256: hashOf(manifest) }, undefined, 1)}\n`)
}

/** Fails with a sentence about `where`. */
export function readManifest(bytes: Uint8Array, where: string): Manifest {
  const damaged = (what: string) => new Error(`${where} is damaged: its manifest ${what}.`)
  let given: unknown
  try {
    given = JSON.parse(Buffer.from(bytes).toString())
  } catch {
    throw damaged('is no JSON, or is cut off')
  }
  if (typeof given !== 'object' || given === null || !('sha256' in given)) throw damaged('has no checksum')
  const { sha256, ...manifest } = given
  if (sha256 !== hashOf(manifest)) throw damaged('does not match its checksum')
  if ('format' in manifest && manifest.format !== format) {
    throw new Error(`${where} has format ${String(manifest.format)}; this version of Breakwater reads ${format}.`)
  }
  if (!Value.Check(schema, manifest)) throw damaged('lacks something')
  return manifest
}

/** All files that belong to the archive. */
export function filesOf({ tables, jobs, blobs, secretKey }: Manifest): ArchivedFile[] {
  return [...tables.map((table) => table.file), jobs, blobs?.file, secretKey.file].filter((one) => one !== undefined)
}

function hashOf(manifest: object): string {
  return createHash('sha256').update(JSON.stringify(manifest)).digest('hex')
}
