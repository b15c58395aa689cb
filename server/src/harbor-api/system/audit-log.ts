import type { AuditLogEventType } from '@breakwater/harbor-contract'
import { RegistryError } from '@breakwater/oci'
import type { Reply } from '../../http/index.ts'
import { listEntries } from '../../ledger/index.ts'
import type { Caller } from '../caller.ts'
import { type ApiDeps, type HandlersOf, json } from '../operation.ts'
import { maySystem, requireInProject } from '../permit.ts'
import { list, pageOf } from '../request/page.ts'
import { parseQuery, parseSort } from '../request/query.ts'
import { applyConditions, type Column } from '../request/sql-filter.ts'
import { entryAnswer } from './audit-log-answer.ts'
import { findLogProjects } from './audit-log-queries.ts'

/** What Harbor can be told not to log; clients show these as choices. */
const eventTypes: readonly AuditLogEventType[] = [
  'create_artifact',
  'delete_artifact',
  'pull_artifact',
  'create_project',
  'delete_project',
  'delete_repository',
  'login_user',
  'logout_user',
  'create_user',
  'delete_user',
  'update_user',
  'create_robot',
  'delete_robot',
  'update_configuration',
].map((name) => ({ event_type: name }))

const columns: Readonly<Record<string, Column>> = {
  id: { sql: 'id', type: 'bigint' },
  op_time: { sql: 'op_time', type: 'timestamptz' },
  username: { sql: 'username', type: 'text' },
  operation: { sql: 'operation', type: 'text' },
  resource_type: { sql: 'resource_type', type: 'text' },
  resource: { sql: 'resource', type: 'text' },
  operation_result: { sql: 'operation_result', type: 'boolean' },
}

/** A page takes no more than this; a log is never sent whole. */
const largestPage = 100
/** A page that begins behind so many entries is refused: to find it would mean to read them all. */
const deepest = 1_000_000

export const auditLogHandlers: HandlersOf<
  'listAuditLogs' | 'listAuditLogExts' | 'listAuditLogEventTypes' | 'getLogs' | 'getLogExts'
> = {
  // Harbor wrote its log elsewhere before 2.13. There is nothing of that time here.
  async listAuditLogs(_deps, input) {
    requireSomebody(input.caller)
    return list(input, [], 0, pageOf(input.query))
  },

  async getLogs(deps, input) {
    await requireInProject(deps, input, 'log:list')
    return list(input, [], 0, pageOf(input.query))
  },

  async listAuditLogExts(deps, input) {
    const who = requireSomebody(input.caller)
    const everything = await maySystem(deps, input.caller, 'audit-log:list')
    return listLog(deps, input, everything ? undefined : await findLogProjects(deps.pool, who))
  },

  async getLogExts(deps, input) {
    const { project } = await requireInProject(deps, input, 'log:list')
    return listLog(deps, input, [project.id])
  },

  async listAuditLogEventTypes(_deps, { caller }) {
    requireSomebody(caller)
    return json(eventTypes)
  },
}

/** As for every list that needs a login; Harbor gives no reason here. */
function requireSomebody({ who }: Caller): Exclude<Caller['who'], { kind: 'anonymous' }> {
  if (who.kind === 'anonymous') throw new RegistryError('UNAUTHORIZED', '')
  return who
}

interface Asked {
  readonly query: { readonly q?: string; readonly sort?: string; readonly page?: number; readonly page_size?: number }
  readonly path: string
  readonly search: URLSearchParams
}

/** `projects`: only what happened there; undefined for everything. */
async function listLog(deps: ApiDeps, input: Asked, projects: readonly number[] | undefined): Promise<Reply> {
  const { q, sort } = input.query
  const asked = pageOf(input.query)
  const page = { number: asked.number, size: asked.size === 0 ? largestPage : asked.size }
  const offset = (page.number - 1) * page.size
  if (offset > deepest) {
    const message = `pages of the log end at entry ${deepest}: ask for less, as with q=op_time=[from~to]`
    throw new RegistryError('BAD_REQUEST', message)
  }
  const { robot_name_prefix: robotPrefix } = await deps.settings.current()
  const { entries, total } = await listEntries(deps.pool, {
    projects,
    robotPrefix,
    filter: applyConditions({ clauses: [], values: [] }, parseQuery(q), columns),
    orderBy: parseSort(sort, { op_time: 'op_time' }, 'op_time desc, id desc'),
    offset,
    limit: page.size,
  })
  return list(input, entries.map(entryAnswer), total, page)
}
