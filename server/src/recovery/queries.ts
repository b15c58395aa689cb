import type { Db, Tx } from '../metadata/index.ts'

/** PostgreSQL's, such as `18.4`. */
export async function readServerVersion(db: Db): Promise<string> {
  const { rows } = await db.query<{ version: string }>(`select current_setting('server_version') as version`)
  return rows[0]?.version ?? ''
}

/**
 * Every blob and manifest that there are rows of: digest, size, and whether something names it. What nothing names may
 * be collected at any time.
 */
export const storedContent = `
  select case length(digest) when 32 then 'sha256:' else 'sha512:' end || encode(digest, 'hex'), max(size),
         bool_or(named)::integer
  from (select digest, size, exists (select from repository_blob l where l.digest = b.digest) as named from blob b
        union all
        select digest, size, exists (select from repository_manifest r where r.digest = m.digest) from manifest m) stored
  group by digest order by digest`

/** Up to ten repositories that need the content of a digest, and whether it is named at all now. */
export async function whoNeeds(db: Db, digest: Uint8Array): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select distinct p.name || '/' || r.name as name
     from (select repository_id from repository_blob where digest = $1
           union select repository_id from repository_manifest where digest = $1) needs
       join repository r on r.id = needs.repository_id join project p on p.id = r.project_id
     order by 1 limit 10`,
    [digest],
  )
  return rows.map(({ name }) => name)
}

/** Fresh statistics: without them the first plans are those of empty tables. */
export async function analyze(db: Tx | Db): Promise<void> {
  await db.query('analyze')
}

/** How many blobs and manifests there are, and their bytes. */
export async function sumContent(db: Db): Promise<{ readonly count: number; readonly bytes: number }> {
  const { rows } = await db.query<{ count: number; bytes: number }>(
    `select count(*) as count, coalesce(sum(size), 0)::bigint as bytes
     from (select digest, size from blob union all
           select digest, size from manifest m where not exists (select from blob b where b.digest = m.digest)) stored`,
  )
  return rows[0] ?? { count: 0, bytes: 0 }
}

/** Manifests are loaded without their bytes, which the store has; until requireManifestBytes they may be empty. */
export async function allowManifestsWithoutBytes(tx: Tx): Promise<void> {
  await tx.query(`alter table manifest alter column bytes set default ''`)
}

export async function requireManifestBytes(tx: Tx): Promise<void> {
  await tx.query('alter table manifest alter column bytes drop default')
}
