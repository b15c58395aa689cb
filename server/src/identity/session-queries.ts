import type { Db, Tx } from '../metadata/index.ts'

export interface SessionRow {
  readonly userId: number
  readonly name: string
  readonly revision: number
  readonly systemAdmin: boolean
  /** Seconds. */
  readonly left: number
}

/** `lifetime`: minutes. */
export async function insertSession(
  tx: Tx,
  session: { readonly id: Buffer; readonly userId: number; readonly revision: number; readonly lifetime: number },
): Promise<void> {
  await tx.query(
    `insert into session (id, user_id, revision, expires_at) values ($1, $2, $3, now() + $4 * interval '1 minute')`,
    [session.id, session.userId, session.revision, session.lifetime],
  )
}

/** Undefined where it has ended, by time or because the account has changed. */
export async function findSession(db: Db, id: Buffer): Promise<SessionRow | undefined> {
  const { rows } = await db.query<SessionRow>({
    name: 'session-find',
    text: `select u.id as "userId", u.name, u.revision, u.system_admin as "systemAdmin",
             extract(epoch from s.expires_at - now())::float8 as left
           from session s join user_account u on u.id = s.user_id and u.revision = s.revision and u.deleted_at is null
           where s.id = $1 and s.expires_at > now()`,
    values: [id],
  })
  return rows[0]
}

/** `lifetime`: minutes. */
export async function renewSession(db: Db, id: Buffer, lifetime: number): Promise<void> {
  await db.query({
    name: 'session-renew',
    text: `update session set expires_at = now() + $2 * interval '1 minute' where id = $1`,
    values: [id, lifetime],
  })
}

export async function deleteSession(tx: Tx, id: Buffer): Promise<void> {
  await tx.query('delete from session where id = $1', [id])
}

/** How many were deleted. */
export async function deleteEndedSessions(db: Db): Promise<number> {
  const { rowCount } = await db.query('delete from session where expires_at <= now()')
  return rowCount ?? 0
}
