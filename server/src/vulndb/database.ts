import { join } from 'node:path'
import type { RepositoryName, Tag } from '@breakwater/oci'
import type { Question, Vulnerability } from '@breakwater/vulndb'
import { type Config, formatVulndbSource, parseVulndbSource } from '../config/index.ts'
import type { Jobs } from '../jobs/index.ts'
import { type Actor, system } from '../ledger/index.ts'
import { type Database, type Db, type Tx, transaction } from '../metadata/index.ts'
import type { Logger } from '../observability/index.ts'
import { createAnswers } from './answers.ts'
import { isOwn } from './fetch/fetch.ts'
import type { OwnRegistry } from './fetch/own.ts'
import type { Finding } from './finding.ts'
import type { Generation } from './generation.ts'
import type { FlipHooks, ImportDeps } from './import.ts'
import { findImport, type ImportRecord, insertImport, listImports } from './import-queries.ts'
import { findCurrent } from './queries.ts'
import { register } from './register.ts'
import { startSchedule } from './schedule.ts'
import { createUploads, removeOldUploads, type Uploads } from './uploads.ts'
import { createImporter } from './waiting.ts'

export interface VulnDatabase extends AsyncDisposable {
  /** The generation in use; undefined before the first import. */
  current(db: Db): Promise<Generation | undefined>
  /**
   * Ids of questions, in their order, null where none is asked; equal questions have one id for ever. Until `tx` ends the
   * current generation stays what it is; so it should end soon.
   */
  register(tx: Tx, questions: readonly (Question | undefined)[]): Promise<(number | null)[]>
  /** Findings of a generation by question. Those that it was not asked yet are found now, and kept. */
  answers(generation: number, ids: readonly number[]): Promise<Map<number, readonly Finding[]>>
  /** What a generation says of vulnerabilities themselves, by id, as trivy-db has it. */
  details(generation: number, ids: readonly string[]): Promise<Map<string, Vulnerability>>
  /** Asks for an import; `source` as in the configuration, undefined for what is configured. Throws RangeError for none. */
  request(asked: {
    readonly source: string | undefined
    readonly force: boolean
    readonly actor: Actor
  }): Promise<ImportRecord>
  /** Imports a file that `write` makes at the path it is given. Resolves when the file is there; the import goes on. */
  upload: Uploads['take']
  findImport(id: number): Promise<ImportRecord | undefined>
  /** To be called in the transaction of each push: what was pushed may be where the database comes from. */
  pushed(tx: Tx, actor: Actor, repository: RepositoryName, tag: Tag | undefined): Promise<void>
  status(): Promise<DatabaseStatus>
  /** Takes up imports, now and from time to time. Nothing is imported before. */
  start(hooks: FlipHooks): Promise<void>
}

export interface DatabaseStatus {
  /** As configured. */
  readonly sources: readonly string[]
  readonly current: Generation | undefined
  /** Newest first, at most ten. */
  readonly imports: readonly ImportRecord[]
}

export interface VulnDatabaseDeps {
  readonly database: Pick<Database, 'pool' | 'connection'>
  readonly jobs: Jobs
  readonly store: OwnRegistry['store']
  readonly config: Pick<Config, 'vulndb' | 'dataDir'>
  /** Hosts, with their ports, under which clients know this registry. */
  readonly hosts: OwnRegistry['hosts']
  readonly log: Logger
}

export function createVulnDatabase({ database, jobs, store, config, hosts, log }: VulnDatabaseDeps): VulnDatabase {
  const { pool, connection } = database
  const { source: sources, refresh } = config.vulndb
  const folder = join(config.dataDir, 'vulndb')
  const own: OwnRegistry = { pool, store, hosts }
  const answers = createAnswers(pool)
  const started = new AsyncDisposableStack()
  let uploads: Uploads | undefined

  async function ask(tx: Tx, asked: Pick<ImportRecord, 'source' | 'force' | 'cause' | 'actor'>): Promise<ImportRecord> {
    const made = await insertImport(tx, asked)
    const lane = asked.cause === 'refresh' ? 'sweep' : 'manual'
    await jobs.enqueue(tx, 'vulndb', { key: 'import', data: {}, lane })
    return made
  }

  return {
    current: findCurrent,
    register,
    answers: answers.find,
    details: answers.details,
    request({ source, force, actor }) {
      const given = source === undefined ? undefined : parseVulndbSource(source)
      if (source !== undefined && !given) {
        throw new RangeError(`${source} is no source: write oci:HOST/NAME:TAG or file:/PATH`)
      }
      const text = given ? formatVulndbSource(given) : null
      return transaction(pool, (tx) => ask(tx, { source: text, force, cause: 'request', actor }))
    },
    async upload(asked, write) {
      if (!uploads) throw new Error('imports have not been started')
      return uploads.take(asked, write)
    },
    findImport: (id) => findImport(pool, id),
    async pushed(tx, actor, repository, tag) {
      const concerned = sources.some(
        (one) =>
          one.kind === 'oci' &&
          one.reference.repository === repository &&
          one.reference.digest === undefined &&
          one.reference.tag === tag &&
          isOwn(own, one.reference),
      )
      if (concerned) await ask(tx, { source: null, force: false, cause: 'push', actor })
    },
    async status() {
      const [current, imports] = await Promise.all([findCurrent(pool), listImports(pool, 10)])
      return { sources: sources.map(formatVulndbSource), current, imports }
    },
    async start(hooks) {
      const deps: ImportDeps = { pool, connection, own, sources, folder, log, hooks }
      await removeOldUploads(folder)
      uploads = started.use(createUploads(deps))
      const importWaiting = createImporter(deps)
      await jobs.work('vulndb', { concurrency: 1 }, (_data, signal) => importWaiting(signal))
      const every = sources.length > 0 ? refresh : undefined
      const refreshNow = async () => {
        await transaction(pool, (tx) => ask(tx, { source: null, force: false, cause: 'refresh', actor: system }))
      }
      started.use(startSchedule({ pool, every, log, ask: refreshNow }))
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
