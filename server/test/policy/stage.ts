import { randomBytes } from 'node:crypto'
import { type Digest, digestOf, digestToBytes, parseRepositoryName } from '@breakwater/oci'
import { afterAll, beforeAll } from 'vitest'
import type { Actor } from '../../src/ledger/index.ts'
import { createPool, type Pool, transaction } from '../../src/metadata/index.ts'
import { createGate, type Gate, type GatedPlace } from '../../src/policy/index.ts'
import { lockPolicy, policyChanged } from '../../src/projects/index.ts'
import type { PackageFinding, ScanEvidence } from '../../src/scanning/index.ts'
import { createTestDatabase } from '../database.ts'

export const actor: Actor = { name: 'user:alice', credential: 'token', address: '10.0.0.1', requestId: 'r' }

/** The room `policy` on a database of its own, with scans that tests write down. */
export interface Stage {
  readonly pool: Pool
  readonly gate: Gate
  /** A repository of a new project; with `metadata`, gated by Harbor's rules. */
  repository(metadata?: Readonly<Record<string, string>>): Promise<GatedPlace>
  /** An artifact with blobs of its own, or those that are given. */
  artifact(place: GatedPlace, blobs?: readonly Buffer[]): Promise<Artifact>
  /** Ends a scan, with these findings. */
  scanned(digest: Digest, findings?: readonly PackageFinding[], more?: Partial<ScanRow>): Promise<void>
  /** A change of Harbor's metadata, as the API makes it. */
  set(place: GatedPlace, metadata: Readonly<Record<string, string>>): Promise<void>
  refusals(): Promise<{ object: string; reason: string; count: number }[]>
  /** Imports a database: another generation becomes the current one. */
  flip(builtAt?: Date): Promise<number>
}

export interface Artifact {
  readonly digest: Digest
  readonly blobs: readonly Digest[]
}

interface ScanRow {
  readonly state: ScanEvidence['state']
  readonly class: NonNullable<ScanEvidence['class']>
}

export const high: PackageFinding = {
  id: 'CVE-2026-1',
  package: 'openssl',
  version: '1',
  severity: 3,
  fixedVersion: '2',
  status: 'fixed',
}

/** The gate of high findings. */
export const gated = { prevent_vul: 'true', severity: 'high' }

/** One for all tests of a file. */
export function sharedStage(): () => Stage {
  const opened = new AsyncDisposableStack()
  let stage: Stage
  beforeAll(async () => {
    const database = await createTestDatabase()
    opened.defer(() => database.drop())
    const pool = createPool({ connection: database.connection, size: 5, onError: () => undefined })
    opened.defer(() => pool.end())
    await pool.query(`insert into user_account (id, name) values (1, 'admin')`)
    stage = createStage(pool)
    await stage.flip()
  })
  afterAll(() => opened.disposeAsync())
  return () => stage
}

function createStage(pool: Pool): Stage {
  const found = new Map<Digest, readonly PackageFinding[]>()
  const contents = new Map<Digest, Buffer>()
  const gate = createGate({
    pool,
    refusalStatus: 403,
    store: {
      size: async (digest) => contents.get(digest)?.length,
      read: async (digest, start, end, sink) => sink(contents.get(digest)?.subarray(start, end + 1) ?? Buffer.alloc(0)),
    },
    signaturesOf: async () => ({ revision: 0, accessory: false, found: [] }),
    evidenceOf: (digest) => readEvidence(pool, digest, found.get(digest) ?? []),
  })

  return {
    pool,
    gate,
    async repository(metadata = {}) {
      const name = `p${randomBytes(4).toString('hex')}`
      const { rows } = await pool.query<{ id: number }>(
        'insert into project (name, owner_id) values ($1, 1) returning id',
        [name],
      )
      const projectId = rows[0]?.id ?? 0
      const made = await pool.query<{ id: number }>(
        `insert into repository (project_id, name) values ($1, 'app') returning id`,
        [projectId],
      )
      const repository = parseRepositoryName(`${name}/app`)
      if (!repository) throw new Error('no name')
      const place = { projectId, repositoryId: made.rows[0]?.id ?? 0, repository }
      await this.set(place, metadata)
      return place
    },
    async artifact({ repositoryId }, given = [randomBytes(20)]) {
      const digest = digestOf(randomBytes(20))
      const key = digestToBytes(digest)
      await pool.query(
        `insert into manifest (digest, media_type, size, bytes, kind, total_size, created_at)
         values ($1, 't', 2, '{}', 'IMAGE', 2, now() - interval '1 hour')`,
        [key],
      )
      await pool.query(
        `insert into repository_manifest (repository_id, digest, media_type, size, pushed_by) values ($1, $2, 't', 2, 'user:bob')`,
        [repositoryId, key],
      )
      const blobs = given.map((bytes) => digestOf(bytes))
      for (const [at, blob] of blobs.entries()) {
        contents.set(blob, given[at] ?? Buffer.alloc(0))
        await pool.query('insert into manifest_blob (manifest, blob) values ($1, $2)', [key, digestToBytes(blob)])
      }
      return { digest, blobs }
    },
    async scanned(digest, findings = [], { state = 'success', class: of = 'image' } = {}) {
      found.set(digest, findings)
      await pool.query(
        `insert into scan (digest, state, class, ended_at) values ($1, $2, $3, now())
         on conflict (digest) do update set state = excluded.state, class = excluded.class, revision = scan.revision + 1`,
        [digestToBytes(digest), state, of],
      )
    },
    async set({ projectId }, metadata) {
      await transaction(pool, async (tx) => {
        await lockPolicy(tx, projectId)
        for (const [key, value] of Object.entries(metadata)) {
          await tx.query(
            `insert into project_metadata (project_id, key, value) values ($1, $2, $3)
             on conflict (project_id, key) do update set value = excluded.value`,
            [projectId, key, value],
          )
        }
        await policyChanged(tx, projectId)
      })
    },
    refusals: async () =>
      (
        await pool.query<{ object: string; reason: string; count: number }>(
          'select object, reason, sum(count)::int as count from refusal group by object, reason',
        )
      ).rows,
    async flip(builtAt = new Date()) {
      await pool.query(`update vulndb_generation set state = 'retired' where state = 'current'`)
      const { rows } = await pool.query<{ id: number }>(
        `insert into vulndb_generation (digest, source, built_at, state) values ('d', 'file:/d', $1, 'current') returning id`,
        [builtAt],
      )
      return rows[0]?.id ?? 0
    },
  }
}

async function readEvidence(pool: Pool, digest: Digest, findings: readonly PackageFinding[]): Promise<ScanEvidence> {
  const { rows } = await pool.query<{ revision: number; state: ScanEvidence['state']; class: ScanEvidence['class'] }>(
    'select revision, state, class from scan where digest = $1',
    [digestToBytes(digest)],
  )
  const current = await pool.query<{ id: number; built_at: Date }>(
    `select id, built_at from vulndb_generation where state = 'current'`,
  )
  const row = current.rows[0]
  const generation = row && {
    id: row.id,
    digest: 'd',
    source: 'file:/d',
    builtAt: row.built_at,
    nextUpdate: undefined,
    importedAt: row.built_at,
    counts: {},
  }
  const scan = rows[0] ?? { revision: 0, state: 'none' as const, class: undefined }
  return { ...scan, failure: undefined, partial: [], notCovered: [], generation, findings, scannedAt: undefined }
}
