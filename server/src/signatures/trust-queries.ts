import type { Db, Tx } from '../metadata/index.ts'
import type { TrustKey, TrustSettings } from './trust.ts'

/** SQL: the keys of `trust_key k`, as JSON; see readKey. */
export const keyJson = `jsonb_build_object('name', k.name, 'projectId', k.project_id, 'pem', k.pem,
  'fingerprint', k.fingerprint, 'algorithm', k.algorithm, 'repositories', k.repositories, 'annotations', k.annotations,
  'validUntil', k.valid_until, 'compromisedAt', k.compromised_at, 'createdAt', k.created_at, 'createdBy', k.created_by)`

/** As JSON brings it: times as text. */
export interface KeyJson extends Omit<TrustKey, 'repositories' | 'validUntil' | 'compromisedAt' | 'createdAt'> {
  readonly repositories: readonly string[] | null
  readonly validUntil: string | null
  readonly compromisedAt: string | null
  readonly createdAt: string
}

export function readKey(json: KeyJson): TrustKey {
  return {
    ...json,
    repositories: json.repositories ?? undefined,
    validUntil: json.validUntil === null ? undefined : new Date(json.validUntil),
    compromisedAt: json.compromisedAt === null ? undefined : new Date(json.compromisedAt),
    createdAt: new Date(json.createdAt),
  }
}

/** Keys of these projects (0: those that hold everywhere), and settings by project. */
export async function findTrust(
  db: Db,
  projectIds: readonly number[],
): Promise<{ keys: TrustKey[]; settings: ReadonlyMap<number, Partial<TrustSettings>> }> {
  const { rows } = await db.query<{ keys: KeyJson[]; settings: { id: number; document: Partial<TrustSettings> }[] }>({
    name: 'trust-find',
    text: `select
             (select coalesce(jsonb_agg(${keyJson} order by k.id), '[]') from trust_key k
              where k.project_id = any($1)) as keys,
             (select coalesce(jsonb_agg(jsonb_build_object('id', project_id, 'document', document)), '[]')
              from trust_setting where project_id = any($1)) as settings`,
    values: [projectIds],
  })
  const { keys = [], settings = [] } = rows[0] ?? {}
  return { keys: keys.map(readKey), settings: new Map(settings.map(({ id, document }) => [id, document])) }
}

export async function countKeys(db: Db, projectId: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>('select count(*) from trust_key where project_id = $1', [
    projectId,
  ])
  return rows[0]?.count ?? 0
}

/** False where the name or the key is there already. */
export async function insertKey(
  tx: Tx,
  key: Omit<TrustKey, 'createdAt' | 'compromisedAt'>,
): Promise<TrustKey | undefined> {
  const { rows } = await tx.query<{ key: KeyJson }>(
    `insert into trust_key as k (project_id, name, pem, fingerprint, algorithm, repositories, annotations, valid_until,
       created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning ${keyJson} as key`,
    [
      key.projectId,
      key.name,
      key.pem,
      key.fingerprint,
      key.algorithm,
      key.repositories ?? null,
      JSON.stringify(key.annotations),
      key.validUntil ?? null,
      key.createdBy,
    ],
  )
  return rows[0] && readKey(rows[0].key)
}

/** The key as it is now; undefined where there is none of the name. What was compromised stays so. */
export async function updateKey(
  tx: Tx,
  projectId: number,
  name: string,
  { validUntil, compromised }: { readonly validUntil?: Date | null; readonly compromised?: true },
): Promise<TrustKey | undefined> {
  const { rows } = await tx.query<{ key: KeyJson }>(
    `update trust_key k set valid_until = case when $3 then $4 else valid_until end,
       compromised_at = case when $5 then coalesce(compromised_at, now()) else compromised_at end
     where project_id = $1 and name = $2 returning ${keyJson} as key`,
    [projectId, name, validUntil !== undefined, validUntil ?? null, compromised === true],
  )
  return rows[0] && readKey(rows[0].key)
}

export async function deleteKey(tx: Tx, projectId: number, name: string): Promise<TrustKey | undefined> {
  const { rows } = await tx.query<{ key: KeyJson }>(
    `delete from trust_key k where project_id = $1 and name = $2 returning ${keyJson} as key`,
    [projectId, name],
  )
  return rows[0] && readKey(rows[0].key)
}

export async function mergeSettings(tx: Tx, projectId: number, settings: Partial<TrustSettings>): Promise<void> {
  await tx.query(
    `insert into trust_setting (project_id, document) values ($1, $2)
     on conflict (project_id) do update set document = trust_setting.document || excluded.document, updated_at = now()`,
    [projectId, JSON.stringify(settings)],
  )
}
