import type { Db, Tx } from '../metadata/index.ts'

/** A group as a sign-in provider names it. */
export interface UserGroup {
  readonly id: number
  readonly name: string
  /** Harbor's: 1 LDAP, 2 HTTP, 3 OIDC. */
  readonly type: number
  /** Empty for other types than LDAP. */
  readonly ldapDn: string
}

const columns = 'id, name, type, ldap_dn as "ldapDn"'

/** By id, else by distinguished name, else by name and type; a name alone has to be that of one group only. */
export async function findGroup(
  db: Db,
  asked: {
    readonly id?: number | undefined
    readonly name?: string | undefined
    readonly type?: number | undefined
    readonly ldapDn?: string | undefined
  },
): Promise<UserGroup | undefined> {
  const found = asked.id
    ? await db.query<UserGroup>(`select ${columns} from user_group where id = $1`, [asked.id])
    : asked.ldapDn
      ? await db.query<UserGroup>(`select ${columns} from user_group where lower(ldap_dn) = lower($1)`, [asked.ldapDn])
      : await db.query<UserGroup>(
          `select ${columns} from user_group where name = $1 and ($2::int is null or type = $2) limit 2`,
          [asked.name ?? '', asked.type ?? null],
        )
  return found.rows.length === 1 ? found.rows[0] : undefined
}

/** By name; `named`: part of a group's name; `ldapDn`: the whole of one. */
export async function listGroups(
  db: Db,
  asked: { readonly named: string; readonly ldapDn: string },
  window: { readonly offset: number; readonly limit: number | null },
): Promise<{ readonly groups: UserGroup[]; readonly total: number }> {
  const from = `from user_group where strpos(lower(name), lower($1)) > 0 and ($2 = '' or lower(ldap_dn) = lower($2))`
  const counted = await db.query<{ total: number }>(`select count(*) as total ${from}`, [asked.named, asked.ldapDn])
  const { rows } = await db.query<UserGroup>(`select ${columns} ${from} order by name, id offset $3 limit $4`, [
    asked.named,
    asked.ldapDn,
    window.offset,
    window.limit,
  ])
  return { groups: rows, total: counted.rows[0]?.total ?? 0 }
}

/** The new group's id, or undefined where there is such a group. */
export async function createGroup(tx: Tx, group: Omit<UserGroup, 'id'>): Promise<number | undefined> {
  const { rows } = await tx.query<{ id: number }>(
    'insert into user_group (name, type, ldap_dn) values ($1, $2, $3) on conflict do nothing returning id',
    [group.name, group.type, group.ldapDn],
  )
  return rows[0]?.id
}

/** False where another group of its type has the name. */
export async function renameGroup(tx: Tx, id: number, name: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update user_group g set name = $2, updated_at = now() where id = $1 and (ldap_dn <> '' or not exists (
       select from user_group other where other.type = g.type and other.name = $2 and other.id <> $1 and ldap_dn = ''))`,
    [id, name],
  )
  return rowCount === 1
}

/** With its members and its roles. */
export async function deleteGroup(tx: Tx, id: number): Promise<void> {
  await tx.query('delete from user_group where id = $1', [id])
}
