import type { Digest } from '@breakwater/oci'
import { digestToBytes } from '@breakwater/oci'
import pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { type Collector, createCollector } from '../../src/collection/index.ts'
import { loadConfig } from '../../src/config/index.ts'
import { type ContentStore, openStore } from '../../src/content/index.ts'
import { settings, startRegistry, type TestRegistry } from '../registry.ts'

/** A registry whose own collector finds nothing to do within a test, and collectors of the test's. */
export interface Stage {
  readonly registry: TestRegistry
  readonly pool: pg.Pool
  readonly store: ContentStore
  /** A collector whose windows have always passed; `remove` replaces what deletes bytes. */
  collector(remove?: (digest: Digest) => Promise<void>): Collector
  /** Collects until nothing is due. */
  collect(): Promise<void>
  /** As it is in the database: `live`, `doomed`, `deleting`, or undefined. */
  stateOf(digest: Digest): Promise<string | undefined>
  linked(repository: string, digest: Digest): Promise<boolean>
}

export const past = { undo: 0, grace: 0 }

async function openStage(): Promise<Stage & AsyncDisposable> {
  const registry = await startRegistry()
  const pool = new pg.Pool({ ...registry.database.connection, max: 8 })
  pool.on('error', () => undefined)
  const store = await openStore(loadConfig({ env: settings(registry.dataDir, registry.database) }))
  const collector: Stage['collector'] = (remove) =>
    createCollector({
      pool,
      store: { remove: remove ?? ((digest) => store.remove(digest)) },
      windows: past,
      rate: 100_000,
      log: { warn: () => undefined },
    })
  return {
    registry,
    pool,
    store,
    collector,
    async collect() {
      await collector().collect(AbortSignal.timeout(30_000))
    },
    async stateOf(digest) {
      const { rows } = await pool.query('select state from blob where digest = $1', [digestToBytes(digest)])
      return rows[0]?.state
    },
    async linked(repository, digest) {
      return (await registry.ask('HEAD', `/v2/${repository}/blobs/${digest}`)).status === 200
    },
    async [Symbol.asyncDispose]() {
      await pool.end()
      await registry[Symbol.asyncDispose]()
    },
  }
}

/** One stage for all tests of a file. */
export function sharedStage(): () => Stage {
  let stage: (Stage & AsyncDisposable) | undefined
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage?.[Symbol.asyncDispose]())
  return () => {
    if (!stage) throw new Error('the stage stands only within tests')
    return stage
  }
}
