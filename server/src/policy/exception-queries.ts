import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'
import type { StoredException } from './policy-queries.ts'

/** As lists show it, revoked and expired ones too. */
export interface ListedException extends StoredException {
  readonly revokedAt: Date | undefined
  readonly revokedBy: string | undefined
}

export type NewException = Omit<StoredException, 'id' | 'createdAt'>

const columns = `id, project_id as "projectId", vulnerability, package, repository, digest, reason, author, severity,
  created_at as "createdAt", expires_at as "expiresAt", revoked_at as "revokedAt", revoked_by as "revokedBy"`

type Row = { [K in keyof ListedException]: Exclude<ListedException[K], undefined> | null } & { digest: Buffer | null }

function fromRow(row: Row): ListedException {
  const { package: name, repository, digest, revokedAt, revokedBy, ...rest } = row
  return {
    ...(rest as Omit<ListedException, 'package' | 'repository' | 'digest' | 'revokedAt' | 'revokedBy'>),
    package: name ?? undefined,
    repository: repository ?? undefined,
    digest: digest ? digestFromBytes(digest) : undefined,
    revokedAt: revokedAt ?? undefined,
    revokedBy: revokedBy ?? undefined,
  }
}

/** Of a project, or of the whole registry (0), the newest first; `ended`: those that hold no more, too. */
export async function listExceptions(
  db: Db,
  projectId: number,
  ended: boolean,
  limit: number,
): Promise<ListedException[]> {
  const { rows } = await db.query<Row>(
    `select ${columns} from exception
     where project_id = $1 and ($2 or revoked_at is null and expires_at > now()) order by id desc limit $3`,
    [projectId, ended, limit],
  )
  return rows.map(fromRow)
}

export async function insertException(tx: Tx, exception: NewException): Promise<ListedException> {
  const { rows } = await tx.query<Row>(
    `insert into exception (project_id, vulnerability, package, repository, digest, reason, author, severity, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning ${columns}`,
    [
      exception.projectId,
      exception.vulnerability,
      exception.package ?? null,
      exception.repository ?? null,
      exception.digest ? digestToBytes(exception.digest) : null,
      exception.reason,
      exception.author,
      exception.severity,
      exception.expiresAt,
    ],
  )
  const [row] = rows
  if (!row) throw new Error('an insert returned no row')
  return fromRow(row)
}

/** The exception that is revoked now; undefined where there is none that still holds. */
export async function markRevoked(
  tx: Tx,
  projectId: number,
  id: number,
  by: string,
): Promise<ListedException | undefined> {
  const { rows } = await tx.query<Row>(
    `update exception set revoked_at = now(), revoked_by = $3
     where project_id = $1 and id = $2 and revoked_at is null returning ${columns}`,
    [projectId, id, by],
  )
  return rows[0] && fromRow(rows[0])
}

/** Exceptions that hold in a project, or everywhere (0). */
export async function countExceptions(db: Db, projectId: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    'select count(*) from exception where project_id = $1 and revoked_at is null and expires_at > now()',
    [projectId],
  )
  return rows[0]?.count ?? 0
}

/** The worst that a vulnerability is in any package that was ever asked about, in the database in use. */
export async function worstSeverity(db: Db, vulnerability: string): Promise<number | undefined> {
  const { rows } = await db.query<{ worst: number | null }>(
    `select max((m ->> 'severity')::integer) as worst
     from package_answer a cross join jsonb_array_elements(a.matches) m
     where a.generation = (select id from vulndb_generation where state = 'current')
       and a.matches @> jsonb_build_array(jsonb_build_object('id', $1::text)) and m ->> 'id' = $1`,
    [vulnerability],
  )
  return rows[0]?.worst ?? undefined
}

/** Who pushed an artifact to any repository, as the ledger names them. */
export async function pushersOf(db: Db, digest: Digest): Promise<string[]> {
  const { rows } = await db.query<{ who: string }>(
    'select distinct pushed_by as who from repository_manifest where digest = $1',
    [digestToBytes(digest)],
  )
  return rows.map(({ who }) => who)
}
