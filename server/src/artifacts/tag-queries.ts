import { type Digest, digestToBytes } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'
import type { TagDetail } from './detail-queries.ts'

interface Filter {
  readonly clauses: readonly string[]
  readonly values: readonly unknown[]
}

/** What lists of tags may be filtered and sorted by. */
export const tagColumns = {
  id: 't.id',
  name: 't.name',
  pushedAt: 't.updated_at',
  pulledAt: 'l.last_at',
} as const

export async function findTags(
  db: Db,
  artifact: { readonly id: number; readonly repositoryId: number; readonly digest: Digest },
  filter: Filter,
  orderBy: string,
  window: { readonly offset: number; readonly limit: number | null },
): Promise<{ tags: TagDetail[]; total: number }> {
  const values = [...filter.values]
  const own = `t.repository_id = $${values.push(artifact.repositoryId)} and t.digest = $${values.push(digestToBytes(artifact.digest))}`
  const from = `tag t left join tag_pull l on l.repository_id = t.repository_id and l.tag = t.name
    where ${[own, ...filter.clauses].join(' and ')}`
  const counted = await db.query<{ total: number }>(`select count(*) as total from ${from}`, values)
  const { rows } = await db.query<Omit<TagDetail, 'artifactId'>>(
    `select t.id, t.repository_id as "repositoryId", t.name, t.updated_at as "pushedAt", l.last_at as "pulledAt"
     from ${from} order by ${orderBy} offset $${values.push(window.offset)} limit $${values.push(window.limit)}`,
    values,
  )
  return { tags: rows.map((row) => ({ ...row, artifactId: artifact.id })), total: counted.rows[0]?.total ?? 0 }
}

/** False where the repository has a tag of this name. The artifact must be locked, or known to be there. */
export async function insertTag(tx: Tx, repositoryId: number, name: string, digest: Digest): Promise<boolean> {
  const { rowCount } = await tx.query(
    'insert into tag (repository_id, name, digest) values ($1, $2, $3) on conflict do nothing',
    [repositoryId, name, digestToBytes(digest)],
  )
  return rowCount === 1
}
