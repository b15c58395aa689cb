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

/** The name of who was deleted. The sessions end with the account. */
export async function deleteUser(tx: Tx, id: number): Promise<string | undefined> {
  await tx.query('delete from session where user_id = $1', [id])
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

/** The revision that a credential must have been checked against; undefined where the account may not be used. */
export async function currentRevision(
  db: Db,
  who: { kind: 'user' | 'robot'; id: number },
): Promise<number | undefined> {
  const text =
    who.kind === 'user'
      ? 'select revision from user_account where id = $1 and deleted_at is null'
      : `select revision from robot where id = $1 and ${robotIsActive}`
  const { rows } = await db.query<{ revision: number }>({ name: `revision-${who.kind}`, text, values: [who.id] })
  return rows[0]?.revision
}

const robotIsActive = 'not disabled and (expires_at is null or expires_at > now())'

/** The same in the form of a user's account. */
export async function findRobotAccount(
  db: Db,
  id: number,
): Promise<{ readonly revision: number; readonly systemAdmin: false } | undefined> {
  const revision = await currentRevision(db, { kind: 'robot', id })
  return revision === undefined ? undefined : { revision, systemAdmin: false }
}

export interface RobotCredential {
  readonly id: number
  readonly secretHash: Buffer
  readonly revision: number
  readonly active: boolean
}

/** By name without prefix: `robot`, or `project+robot`. */
export async function findRobotByName(db: Db, name: string): Promise<RobotCredential | undefined> {
  const plus = name.indexOf('+')
  const project = plus < 0 ? null : name.slice(0, plus)
  const { rows } = await db.query<RobotCredential>({
    name: 'robot-find',
    text: `select r.id, secret_hash as "secretHash", revision, ${robotIsActive} as active
           from robot r
           where r.name = $2 and coalesce(r.project_id, 0) =
             coalesce((select id from project where name = $1 and deleted_at is null), case when $1::text is null then 0 end)`,
    values: [project, name.slice(plus + 1)],
  })
  return rows[0]
}
