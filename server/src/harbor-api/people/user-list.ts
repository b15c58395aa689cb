import type { UserResp } from '@breakwater/harbor-contract'
import type { UserProfile } from '../../identity/index.ts'
import type { Handler } from '../operation.ts'
import { requireInSystem, requireLogin } from '../permit.ts'
import { list, pageOf, windowOf } from '../request/page.ts'
import { type Condition, type Conditions, parseQuery, parseSort } from '../request/query.ts'
import { applyConditions, type Column } from '../request/sql-filter.ts'
import { listProfiles } from './user-queries.ts'

const columns: Readonly<Record<string, Column>> = {
  user_id: { sql: 'id', type: 'bigint' },
  username: { sql: 'name', type: 'text' },
  email: { sql: `coalesce(email, '')`, type: 'text' },
  realname: { sql: 'realname', type: 'text' },
  comment: { sql: 'comment', type: 'text' },
  sysadmin_flag: { sql: 'system_admin', type: 'boolean' },
  creation_time: { sql: 'created_at', type: 'timestamptz' },
  update_time: { sql: 'updated_at', type: 'timestamptz' },
}
const sortable = Object.fromEntries(Object.entries(columns).map(([name, { sql }]) => [name, sql]))

/** GET /users. As in Harbor, the first administrator is listed only where its id is asked for. */
export const listAllUsers: Handler<'listUsers'> = async (deps, input) => {
  const { caller, query, search } = input
  await requireInSystem(deps, caller, 'user:list')
  const conditions = new Map<string, Condition>(parseQuery(query.q))
  for (const key of ['username', 'email']) {
    const part = search.get(key)
    if (part) conditions.set(key, { kind: 'fuzzy', value: part })
  }
  const filter = filterOf(conditions)
  const page = pageOf(query)
  const found = await listProfiles(deps.pool, filter, parseSort(query.sort, sortable, 'id'), windowOf(page))
  return list(input, found.users.map(userAnswer), found.total, page)
}

/** GET /users/search, for whoever adds members to a project. */
export const searchUserNames: Handler<'searchUsers'> = async (deps, input) => {
  const { caller, query } = input
  requireLogin(caller)
  const filter = filterOf(new Map([['username', { kind: 'fuzzy', value: query.username }]]))
  const page = pageOf(query)
  const found = await listProfiles(deps.pool, filter, 'id', windowOf(page))
  const items = found.users.map(({ id, name }) => ({ user_id: id, username: name }))
  return list(input, items, found.total, page)
}

function filterOf(conditions: Conditions) {
  const clauses = conditions.has('user_id') ? [] : ['id > 1']
  return applyConditions({ clauses, values: [] }, conditions, columns)
}

/** The e-mail address and the comment are left out where there are none. */
export function userAnswer(user: UserProfile): UserResp {
  return {
    admin_role_in_auth: false,
    ...(user.comment ? { comment: user.comment } : {}),
    creation_time: user.createdAt.toISOString(),
    ...(user.email ? { email: user.email } : {}),
    ...(user.realname ? { realname: user.realname } : {}),
    sysadmin_flag: user.systemAdmin,
    update_time: user.updatedAt.toISOString(),
    user_id: user.id,
    username: user.name,
  }
}
