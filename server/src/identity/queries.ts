import type { Db, Tx } from '../metadata/index.ts'

export interface User {
  readonly id: number
  readonly name: string
  readonly passwordHash: string | null
  readonly systemAdmin: boolean
  readonly revision: number
}

export interface NewUser {
  readonly name: string
  readonly email: string | undefined
  readonly realname: string
  readonly comment: string
  readonly passwordHash: string
}

const columns = `id, name, password_hash as "passwordHash", system_admin as "systemAdmin", revision`

/** By user name or e-mail address, as Harbor's login. */
export async function findUser(db: Db, nameOrEmail: string): Promise<User | undefined> {
  const { rows } = await db.query<User>({
    name: 'user-find',
    text: `select ${columns} from user_account where (lower(name) = lower($1) or lower(email) = lower($1)) and deleted_at is null
           order by lower(name) = lower($1) desc limit 1`,
    values: [nameOrEmail],
  })
  return rows[0]
}

export async function findAccount(db: Db, id: number): Promise<User | undefined> {
  const { rows } = await db.query<User>(`select ${columns} from user_account where id = $1 and deleted_at is null`, [
    id,
  ])
  return rows[0]
}

/** The new user's id, or undefined where the name or e-mail address is taken. */
export async function createUser(tx: Tx, user: NewUser): Promise<number | undefined> {
  const { rows } = await tx.query<{ id: number }>(
    `insert into user_account (name, email, realname, comment, password_hash) values ($1, $2, $3, $4, $5)
     on conflict do nothing returning id`,
    [user.name, user.email ?? null, user.realname, user.comment, user.passwordHash],
  )
  return rows[0]?.id
}

export async function deleteUser(tx: Tx, id: number): Promise<string | undefined> {
  const { rows } = await tx.query<{ name: string }>(
    `update user_account set deleted_at = now(), updated_at = now(), revision = revision + 1
     where id = $1 and deleted_at is null returning name`,
    [id],
  )
  return rows[0]?.name
}

/** Makes user 1 unless it has a password already; returns whether it was made. */
export async function createAdmin(tx: Tx, passwordHash: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into user_account (id, name, realname, comment, password_hash, system_admin)
     values (1, 'admin', 'system admin', 'admin user', $1, true) on conflict do nothing`,
    [passwordHash],
  )
  return rowCount === 1
}
