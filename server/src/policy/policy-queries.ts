import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'
import { everyProject } from '../projects/index.ts'
import { type KeyJson, keyJson, readKey, type TrustKey, type TrustSettings } from '../signatures/index.ts'
import type { FloorDocument, ProjectDocument } from './document.ts'
import type { Exception } from './policy.ts'

/** Everything that a policy is made of, as it was at one moment. */
export interface PolicyFacts {
  /** By the database's clock, which also ends verdicts. */
  readonly now: Date
  readonly revision: number
  /** Harbor's keys. */
  readonly metadata: Readonly<Record<string, string>>
  readonly document: ProjectDocument
  readonly floor: FloorDocument
  readonly allowlist: StoredList | null
  readonly systemAllowlist: StoredList | null
  readonly trust: Partial<TrustSettings>
  readonly systemTrust: Partial<TrustSettings>
  /** The project's, and those that hold everywhere. */
  readonly keys: readonly TrustKey[]
}

interface StoredList {
  readonly items: readonly string[]
  /** Seconds since 1970. */
  readonly expiresAt: number | null
}

/** What the registry knows of a digest beside its content. */
export interface ArtifactFacts {
  readonly knownSince: Date
  /** Who pushed it to any repository, as the ledger names them. */
  readonly pushers: readonly string[]
}

export interface StoredException extends Exception {
  readonly projectId: number
}

type ReadPolicy = PolicyFacts & Partial<ArtifactFacts> & { readonly exceptions: readonly StoredException[] }

const listOf = (project: string) =>
  `(select jsonb_build_object('items', items, 'expiresAt', expires_at) from cve_allowlist where project_id = ${project})`

const exceptionColumns = `'id', e.id, 'projectId', e.project_id, 'vulnerability', e.vulnerability, 'package', e.package,
  'repository', e.repository, 'digest', encode(e.digest, 'hex'), 'reason', e.reason, 'author', e.author,
  'severity', e.severity, 'createdAt', e.created_at, 'expiresAt', e.expires_at`

/**
 * One statement, and so one moment: a policy never carries the revision of one and the content of another. Undefined
 * where the project is gone. With a digest, only exceptions that can concern it.
 */
export async function findPolicy(
  db: Db,
  projectId: number,
  digest: Digest | undefined,
): Promise<ReadPolicy | undefined> {
  const { rows } = await db.query<PolicyRow>({
    name: 'policy-find',
    text: `select now() as now, p.policy_revision as revision,
             coalesce((select jsonb_object_agg(key, value) from project_metadata where project_id = p.id), '{}') as metadata,
             coalesce((select document from policy where project_id = p.id), '{}') as document,
             coalesce((select document from policy where project_id = ${everyProject}), '{}') as floor,
             ${listOf('p.id')} as allowlist, ${listOf(String(everyProject))} as "systemAllowlist",
             coalesce((select document from trust_setting where project_id = p.id), '{}') as trust,
             coalesce((select document from trust_setting where project_id = ${everyProject}), '{}') as "systemTrust",
             (select coalesce(jsonb_agg(${keyJson} order by k.id), '[]') from trust_key k
              where k.project_id in (p.id, ${everyProject})) as keys,
             (select created_at from manifest where digest = $2) as "knownSince",
             (select array_agg(distinct pushed_by) from repository_manifest where digest = $2) as pushers,
             (select coalesce(jsonb_agg(jsonb_build_object(${exceptionColumns}) order by e.expires_at desc), '[]')
              from exception e where e.project_id in (p.id, ${everyProject}) and e.revoked_at is null
                and e.expires_at > now() and ($2::bytea is null or e.digest is null or e.digest = $2)) as exceptions
           from project p where p.id = $1 and p.deleted_at is null`,
    values: [projectId, digest ? digestToBytes(digest) : null],
  })
  const row = rows[0]
  if (!row) return undefined
  const { knownSince, pushers, exceptions, keys, ...facts } = row
  return {
    ...facts,
    keys: keys.map(readKey),
    ...(knownSince ? { knownSince, pushers: pushers ?? [] } : {}),
    exceptions: exceptions.map(readException),
  }
}

interface PolicyRow extends Omit<PolicyFacts, 'keys'> {
  readonly keys: readonly KeyJson[]
  readonly knownSince: Date | null
  readonly pushers: readonly string[] | null
  readonly exceptions: readonly ExceptionJson[]
}

type Nullable<T> = { readonly [K in keyof T]: T[K] | null }
/** As JSON brings it: times as text, digests as hex. */
interface ExceptionJson
  extends Omit<StoredException, 'createdAt' | 'expiresAt' | 'package' | 'repository' | 'digest'>,
    Nullable<{ package: string; repository: string; digest: string }> {
  readonly createdAt: string
  readonly expiresAt: string
}

function readException(json: ExceptionJson): StoredException {
  return {
    ...json,
    package: json.package ?? undefined,
    repository: json.repository ?? undefined,
    digest: json.digest === null ? undefined : digestFromBytes(Buffer.from(json.digest, 'hex')),
    createdAt: new Date(json.createdAt),
    expiresAt: new Date(json.expiresAt),
  }
}

/** The floor's document, outside of a policy. */
export async function findFloor(db: Db): Promise<FloorDocument> {
  const { rows } = await db.query<{ document: FloorDocument }>('select document from policy where project_id = $1', [
    everyProject,
  ])
  return rows[0]?.document ?? {}
}

/** Sets members of a document; to be followed by policyChanged. */
export async function mergeDocument(
  tx: Tx,
  projectId: number,
  members: ProjectDocument | FloorDocument,
): Promise<void> {
  await tx.query(
    `insert into policy (project_id, document) values ($1, $2)
     on conflict (project_id) do update set document = policy.document || excluded.document, updated_at = now()`,
    [projectId, JSON.stringify(members)],
  )
}

/** Whether there was one. */
export async function removeBreakGlass(tx: Tx, projectId: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update policy set document = document - 'breakGlass', updated_at = now()
     where project_id = $1 and document ? 'breakGlass'`,
    [projectId],
  )
  return rowCount === 1
}
