import { profileColumns, type UserProfile } from '../../identity/index.ts'
import type { Db } from '../../metadata/index.ts'
import type { Filter } from '../request/sql-filter.ts'

/** `filter` and `orderBy` are SQL on the table `user_account`. */
export async function listProfiles(
  db: Db,
  { clauses, values }: Filter,
  orderBy: string,
  window: { readonly offset: number; readonly limit: number | null },
): Promise<{ readonly users: UserProfile[]; readonly total: number }> {
  const from = `from user_account where ${['deleted_at is null', ...clauses].join(' and ')}`
  const counted = await db.query<{ total: number }>(`select count(*) as total ${from}`, [...values])
  const { rows } = await db.query<UserProfile>(
    `select ${profileColumns} ${from} order by ${orderBy} offset $${values.length + 1} limit $${values.length + 2}`,
    [...values, window.offset, window.limit],
  )
  return { users: rows, total: counted.rows[0]?.total ?? 0 }
}
