import type { Db, Tx } from '../metadata/index.ts'

/** A user as lists and profiles show one. */
export interface UserProfile {
  readonly id: number
  readonly name: string
  readonly email: string | null
  readonly realname: string
  readonly comment: string
  readonly systemAdmin: boolean
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** The columns of a UserProfile, for queries on `user_account`. */
export const profileColumns = `id, name, email, realname, comment, system_admin as "systemAdmin",
  created_at as "createdAt", updated_at as "updatedAt"`

export async function findProfile(db: Db, id: number): Promise<UserProfile | undefined> {
  const { rows } = await db.query<UserProfile>(
    `select ${profileColumns} from user_account where id = $1 and deleted_at is null`,
    [id],
  )
  return rows[0]
}

/** The user's name; undefined where there is none; `taken` where somebody else has the e-mail address. */
export async function updateProfile(
  tx: Tx,
  id: number,
  profile: { readonly email: string; readonly realname: string; readonly comment: string },
): Promise<{ readonly name: string } | 'taken' | undefined> {
  try {
    const { rows } = await tx.query<{ name: string }>(
      `update user_account set email = $2, realname = $3, comment = $4, updated_at = now()
       where id = $1 and deleted_at is null returning name`,
      [id, profile.email, profile.realname, profile.comment],
    )
    return rows[0]
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '23505') return 'taken'
    throw error
  }
}

/** Ends the account's sessions and tokens; undefined where there is no such account, else its name. */
export async function changePassword(tx: Tx, id: number, passwordHash: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ name: string }>(
    `update user_account set password_hash = $2, revision = revision + 1, updated_at = now()
     where id = $1 and deleted_at is null returning name`,
    [id, passwordHash],
  )
  return rows[0]?.name
}

/** The same for what the account may do. */
export async function setSystemAdmin(tx: Tx, id: number, systemAdmin: boolean): Promise<string | undefined> {
  const { rows } = await tx.query<{ name: string }>(
    `update user_account set system_admin = $2, revision = revision + (system_admin <> $2)::int, updated_at = now()
     where id = $1 and deleted_at is null returning name`,
    [id, systemAdmin],
  )
  return rows[0]?.name
}

/** Whether anybody is left who administers the system. Two who give up at once wait for each other. */
export async function hasAdministrator(tx: Tx): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select from user_account where system_admin and deleted_at is null order by id limit 1 for update',
  )
  return rowCount === 1
}
