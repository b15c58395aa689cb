import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { type BoltTree, boltFile } from './bolt/fixture.ts'
import type { Advisory, DataSource, Vulnerability } from './database/record.ts'

/** What a small database of a test holds. */
export interface DatabaseContent {
  /** Bucket → package name → vulnerability ID → advisory. */
  readonly buckets: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Advisory>>>>>>
  readonly vulnerabilities?: Readonly<Record<string, Vulnerability>>
  readonly dataSources?: Readonly<Record<string, DataSource>>
  /** Default: now. */
  readonly updatedAt?: Date
  /** Default: 2, the only one that is read. */
  readonly version?: number
}

/** The two files of a trivy-db, as they lie in a folder: `trivy.db` and `metadata.json`. */
export function databaseFiles(content: DatabaseContent): { readonly database: Buffer; readonly metadata: Buffer } {
  const { buckets, vulnerabilities = {}, dataSources = {}, updatedAt = new Date(), version = 2 } = content
  const database = boltFile({
    ...Object.fromEntries(Object.entries(buckets).map(([bucket, names]) => [bucket, bucketTree(names)])),
    vulnerability: jsonTree(vulnerabilities),
    'data-source': jsonTree(dataSources),
  })
  const metadata = {
    Version: version,
    NextUpdate: new Date(updatedAt.getTime() + 24 * 3600_000).toISOString(),
    UpdatedAt: updatedAt.toISOString(),
    DownloadedAt: '0001-01-01T00:00:00Z',
  }
  return { database, metadata: Buffer.from(JSON.stringify(metadata)) }
}

/** The layer of a trivy-db artifact: a tar.gz of both files, media type `application/vnd.aquasec.trivy.db.layer.v1.tar+gzip`. */
export async function databaseLayer(content: DatabaseContent): Promise<Buffer> {
  const { database, metadata } = databaseFiles(content)
  return layerOf({ 'metadata.json': metadata, 'trivy.db': database })
}

/** A tar.gz of files by name. */
export async function layerOf(files: Readonly<Record<string, Buffer>>): Promise<Buffer> {
  const tar = pack()
  for (const [name, bytes] of Object.entries(files)) tar.entry({ name, mtime: new Date(0) }, bytes)
  tar.finalize()
  return gzipSync(await buffer(tar), { level: 1 })
}

function bucketTree(names: Readonly<Record<string, Readonly<Record<string, Advisory>>>>): BoltTree {
  return Object.fromEntries(Object.entries(names).map(([name, advisories]) => [name, jsonTree(advisories)]))
}

function jsonTree(values: Readonly<Record<string, unknown>>): BoltTree {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, JSON.stringify(value)]))
}
