import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Question } from '@breakwater/vulndb'
import { type DatabaseContent, databaseLayer } from '@breakwater/vulndb/fixture'
import pg from 'pg'
import { pino } from 'pino'
import { loadConfig } from '../../src/config/index.ts'
import { openStore } from '../../src/content/index.ts'
import { createJobs } from '../../src/jobs/index.ts'
import { system } from '../../src/ledger/index.ts'
import { createVulnDatabase, type FlipHooks, type ImportRecord, type VulnDatabase } from '../../src/vulndb/index.ts'
import { createTestDatabase, type TestDatabase } from '../database.ts'
import { settings } from '../registry.ts'

const noHooks: FlipHooks = { prepare: async () => undefined, complete: async () => undefined }

export interface VulndbFixture extends AsyncDisposable {
  readonly vulndb: VulnDatabase
  readonly pool: pg.Pool
  readonly database: TestDatabase
  readonly folder: string
  readonly logged: readonly string[]
  /** Writes a db.tar.gz, and returns its path. */
  file(content: DatabaseContent | Buffer, name?: string): Promise<string>
  /** Imports a file or another source, and returns what became of it. */
  import(source: string, options?: { readonly force?: boolean }): Promise<ImportRecord>
  ended(id: number): Promise<ImportRecord>
}

export interface VulndbOptions {
  /** BREAKWATER_VULNDB_SOURCE */
  readonly source?: string
  readonly hooks?: FlipHooks
  readonly hosts?: readonly string[]
  /** An existing one, which is not dropped. */
  readonly database?: TestDatabase
  /** Takes up no imports; they can be asked for. */
  readonly idle?: true
}

/** The room on a database of its own, with nothing else of the registry. */
export async function openVulndb(options: VulndbOptions = {}): Promise<VulndbFixture> {
  const opened = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'bw-vulndb-'))
  opened.defer(() => rmSync(folder, { recursive: true, force: true }))
  const database = options.database ?? (await createTestDatabase())
  if (!options.database) opened.defer(() => database.drop())
  const pool = new pg.Pool({ ...database.connection, max: 6 })
  // The database is dropped while connections may still be closing.
  pool.on('error', () => undefined)
  opened.defer(() => pool.end())
  const logged: string[] = []
  const log = pino({ level: 'info' }, { write: (line) => logged.push(line) })
  const env = { ...settings(folder, database), BREAKWATER_VULNDB_SOURCE: options.source ?? 'none' }
  const config = loadConfig({ env })
  const { connection } = database
  const jobs = opened.use(await createJobs({ connection, pool }, log, { works: true }))
  const store = await openStore(config)
  const hosts = () => options.hosts ?? []
  const vulndb = opened.use(createVulnDatabase({ database: { pool, connection }, jobs, store, config, hosts, log }))
  if (!options.idle) await vulndb.start(options.hooks ?? noHooks)
  let files = 0
  const ended = async (id: number) => {
    for (;;) {
      const found = await vulndb.findImport(id)
      if (found?.endedAt) return found
      await wait(20)
    }
  }
  return {
    vulndb,
    pool,
    database,
    folder,
    logged,
    async file(content, name) {
      files += 1
      const path = join(folder, name ?? `db-${files}.tar.gz`)
      writeFileSync(path, Buffer.isBuffer(content) ? content : await databaseLayer(content))
      return path
    },
    async import(source, { force = false } = {}) {
      const text = source.startsWith('oci:') ? source : `file:${source}`
      return ended((await vulndb.request({ source: text, force, actor: system })).id)
    },
    ended,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

const hour = 3_600_000
export const hoursAgo = (hours: number): Date => new Date(Date.now() - hours * hour)

/** A database that knows `count` vulnerabilities of the Debian package `openssl`, fixed in 3.0.20-1, and one of `lodash`. */
export function content(count: number, updatedAt: Date): DatabaseContent {
  const ids = Array.from({ length: count }, (_, at) => `CVE-2026-${1000 + at}`)
  return {
    buckets: {
      'debian 12': { openssl: Object.fromEntries(ids.map((id) => [id, { FixedVersion: '3.0.20-1' }])) },
      'npm::Test Database': {
        lodash: { 'GHSA-0000': { VulnerableVersions: ['<4.17.21'], PatchedVersions: ['4.17.21'] } },
      },
    },
    vulnerabilities: Object.fromEntries(
      ids.map((id) => [id, { Title: `Flaw ${id}`, Description: 'long', VendorSeverity: { debian: 3 } }]),
    ),
    dataSources: {
      'debian 12': { ID: 'debian', Name: 'Debian Security Tracker' },
      'npm::Test Database': { ID: 'test' },
    },
    updatedAt,
  }
}

export const openssl = (version = '3.0.1-1'): Question => ({
  bucket: 'debian 12',
  name: 'openssl',
  version,
  rule: 'debian',
  arch: '',
})
export const lodash: Question = { bucket: 'npm::', name: 'lodash', version: '4.17.0', rule: 'npm', arch: '' }
