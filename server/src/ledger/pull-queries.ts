import { type Digest, digestToBytes } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'
import type { Pull } from './record.ts'

/**
 * Writes pulls, and counts them. One statement, so that a batch counts as a whole or not at all; its parts wait for one
 * another and lock in the order of their keys, so that two processes never wait for each other.
 */
export async function insertPulls(db: Db, pulls: readonly Pull[]): Promise<void> {
  await db.query({
    name: 'ledger-pulls',
    text: `with gathered as materialized (
             select * from unnest($1::timestamptz[], $2::bigint[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::text[],
               $8::boolean[]) as one (at, repository_id, digest, tag, actor, credential, address, warned)),
           written as (insert into pull (at, repository_id, digest, tag, actor, credential, address, warned)
             select * from gathered),
           artifacts as (insert into artifact_pull as known (repository_id, digest, count, last_at)
             select repository_id, digest, count(*), max(at) from gathered group by 1, 2 order by 1, 2
             on conflict (repository_id, digest) do update
               set count = known.count + excluded.count, last_at = greatest(known.last_at, excluded.last_at)
             returning 1),
           tags as (insert into tag_pull as known (repository_id, tag, last_at)
             select repository_id, tag collate "C", max(at) from gathered
             where tag is not null and (select count(*) from artifacts) >= 0 group by 1, 2 order by 1, 2
             on conflict (repository_id, tag) do update set last_at = greatest(known.last_at, excluded.last_at)
             returning 1)
           insert into repository_pull as known (repository_id, count)
             select repository_id, count(*) from gathered
             where (select count(*) from tags) >= 0 group by 1 order by 1
             on conflict (repository_id) do update set count = known.count + excluded.count`,
    values: [
      pulls.map((pull) => pull.at),
      pulls.map((pull) => pull.repositoryId),
      pulls.map((pull) => pull.digest),
      pulls.map((pull) => pull.tag ?? null),
      pulls.map((pull) => pull.actor.name),
      pulls.map((pull) => pull.actor.credential),
      pulls.map((pull) => pull.actor.address),
      pulls.map((pull) => pull.warned),
    ],
  })
}

/** What is removed begins anew when it is pushed again. Each single pull stays in the record. */
export async function forgetPulls(
  tx: Tx,
  repositoryId: number,
  digests: readonly Digest[],
  tags: readonly string[],
): Promise<void> {
  await tx.query({
    name: 'ledger-forget-artifacts',
    text: `with known as (select digest from artifact_pull where repository_id = $1 and digest = any($2)
             order by digest for update)
           delete from artifact_pull a using known where a.repository_id = $1 and a.digest = known.digest`,
    values: [repositoryId, digests.map(digestToBytes)],
  })
  await tx.query({
    name: 'ledger-forget-tags',
    text: `with known as (select tag from tag_pull where repository_id = $1 and tag = any($2) order by tag for update)
           delete from tag_pull t using known where t.repository_id = $1 and t.tag = known.tag`,
    values: [repositoryId, tags],
  })
}

/** For a repository that is removed. */
export async function forgetRepositoryPulls(tx: Tx, repositoryId: number): Promise<void> {
  await tx.query('delete from repository_pull where repository_id = $1', [repositoryId])
}
