import { type Digest, digestToBytes } from '@breakwater/oci'
import type { Db } from '../metadata/index.ts'

/**
 * How long the deletion of a blob's bytes is left to who announced it, in milliseconds. A collector begins to delete in the
 * first third of it, and what takes longer than the rest has failed: see ContentStore.remove.
 */
export const deletionLeaseMs = 90_000

/**
 * Makes a row for bytes that are about to be stored, or keeps the one that is there. `made` names this life of the row;
 * null where its bytes are being deleted. A row that nothing comes to name is doomed from the beginning.
 */
export async function reserveRow(db: Db, digest: Digest, size: number): Promise<string | null | undefined> {
  const { rows } = await db.query<{ made: string | null }>({
    name: 'blob-reserve',
    // The row of a blob that is live is only read: many may be bringing the same one.
    text: `with known as (select state, created_at from blob where digest = $1),
             put as (
               insert into blob as row (digest, size, state, doomed_at)
               select $1, $2, 'doomed', clock_timestamp() where not exists (select from known where state = 'live')
               on conflict (digest) do update set state = 'doomed', doomed_at = excluded.doomed_at, deleting_at = null,
                 created_at = case row.state when 'deleting' then clock_timestamp() else row.created_at end
                 where row.state = 'doomed'
                   or row.state = 'deleting' and row.deleting_at < clock_timestamp() - $3 * interval '1 ms'
               returning created_at)
           select case when exists (select from put) then (select created_at from put)
             else (select created_at from known where state = 'live') end::text as made
           where exists (select from known) or exists (select from put)`,
    values: [digestToBytes(digest), size, deletionLeaseMs],
  })
  return rows[0]?.made
}
