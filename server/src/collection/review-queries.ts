import { type Digest, digestFromBytes } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'

type Kind = 'link' | 'manifest' | 'blob'

/** Something that may have become garbage. */
export interface Review {
  readonly id: number
  /** Of a link; 0 for other things. */
  readonly repositoryId: number
  readonly digest: Digest
  /** It was queued again since: the later row decides. */
  readonly superseded: boolean
}

/** Takes what was queued at least `windowMs` ago, from other collectors too, until the transaction ends. */
export async function takeDue(tx: Tx, kind: Kind, windowMs: number, limit: number): Promise<Review[]> {
  const { rows } = await tx.query<Omit<Review, 'digest'> & { digest: Buffer }>({
    name: 'collection-due',
    text: `with due as (
             select id, kind, repository_id, digest from review
             where kind = $1 and queued_at < now() - $2 * interval '1 ms'
             order by queued_at limit $3 for update skip locked)
           select id, coalesce(repository_id, 0) as "repositoryId", digest, exists (
             select from review later where later.digest = due.digest and later.kind = due.kind and later.id > due.id
               and later.repository_id is not distinct from due.repository_id) as superseded
           from due`,
    values: [kind, windowMs, limit],
  })
  return rows.map((row) => ({ ...row, digest: digestFromBytes(row.digest) }))
}

/** Ends reviews. */
export async function endReviews(tx: Tx, reviews: readonly Review[]): Promise<void> {
  await tx.query({
    name: 'collection-reviewed',
    text: 'delete from review where id = any($1)',
    values: [reviews.map(({ id }) => id)],
  })
}

/** Has these looked at again in `forMs`; what waits here waits for `windowMs`. */
export async function postpone(tx: Tx, reviews: readonly Review[], forMs: number, windowMs: number): Promise<void> {
  await tx.query({
    name: 'collection-postpone',
    text: `update review set queued_at = now() - $2 * interval '1 ms' where id = any($1)`,
    values: [reviews.map(({ id }) => id), windowMs - forMs],
  })
}

/** How much waits to be reviewed, counted up to ten thousand. */
export async function measureReviews(db: Db): Promise<number> {
  const { rows } = await db.query<{ waiting: number }>({
    name: 'collection-measure',
    text: 'select count(*) as waiting from (select from review limit 10000) counted',
  })
  return rows[0]?.waiting ?? 0
}
