import { listProjects, type Viewer } from '../../projects/index.ts'
import type { Caller } from '../caller.ts'
import type { Handler } from '../operation.ts'
import { list, pageOf, windowOf } from '../request/page.ts'
import { type Condition, parseQuery, parseSort } from '../request/query.ts'
import { applyConditions, type Column, type Filter } from '../request/sql-filter.ts'
import { projectAnswers } from './project-answer.ts'

const columns: Readonly<Record<string, Column>> = {
  project_id: { sql: 'p.id', type: 'bigint' },
  id: { sql: 'p.id', type: 'bigint' },
  name: { sql: 'p.name', type: 'text' },
  owner_id: { sql: 'p.owner_id', type: 'bigint' },
  owner: { sql: '(select name from user_account where id = p.owner_id)', type: 'text' },
  public: { sql: 'p.public', type: 'boolean' },
  creation_time: { sql: 'p.created_at', type: 'timestamptz' },
  update_time: { sql: 'p.updated_at', type: 'timestamptz' },
}

const sortable = {
  project_id: 'p.id',
  id: 'p.id',
  name: 'p.name',
  owner_id: 'p.owner_id',
  creation_time: 'p.created_at',
  update_time: 'p.updated_at',
}

/** GET /projects: those that the caller may see. */
export const listVisibleProjects: Handler<'listProjects'> = async (deps, input) => {
  const { caller, query } = input
  const conditions = new Map<string, Condition>(parseQuery(query.q))
  if (query.name) conditions.set('name', { kind: 'fuzzy', value: query.name })
  if (query.owner) conditions.set('owner', { kind: 'exact', value: query.owner })
  if (query.public !== undefined) conditions.set('public', { kind: 'exact', value: String(query.public) })
  const filter: Filter = applyConditions({ clauses: [], values: [] }, conditions, columns)
  const page = pageOf(query)
  const orderBy = parseSort(query.sort, sortable, 'p.name')
  const found = await listProjects(deps.pool, viewerOf(caller), filter, orderBy, windowOf(page))
  return list(input, await projectAnswers(deps, caller, found.projects), found.total, page)
}

export function viewerOf({ who, systemAdmin }: Caller): Viewer {
  if (systemAdmin) return { kind: 'everything' }
  return who.kind === 'anonymous' ? { kind: 'anonymous' } : { kind: who.kind, id: who.id }
}
