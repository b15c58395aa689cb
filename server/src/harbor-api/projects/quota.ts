import type { Quota } from '@breakwater/harbor-contract'
import { RegistryError } from '@breakwater/oci'
import { listProjects, type Project, usedStorage } from '../../projects/index.ts'
import { type ApiDeps, type HandlersOf, json } from '../operation.ts'
import { requireInSystem } from '../permit.ts'
import { list, pageOf, windowOf } from '../request/page.ts'
import { parseSort } from '../request/query.ts'
import { usedBytes } from './quota-queries.ts'

const everything = { kind: 'everything' } as const
const unlimited = -1

const sortable = {
  id: 'p.id',
  creation_time: 'p.created_at',
  update_time: 'p.updated_at',
  'used.storage': usedBytes,
}

/** A project's quota has the project's id. */
export const quotaHandlers: HandlersOf<'listQuotas' | 'getQuota'> = {
  async listQuotas(deps, input) {
    const { caller, query } = input
    await requireInSystem(deps, caller, 'quota:list')
    const page = pageOf(query)
    const filter = referred(query.reference, query.reference_id)
    const orderBy = parseSort(query.sort, sortable, 'p.created_at desc, p.id desc')
    const found = await listProjects(deps.pool, everything, filter, orderBy, windowOf(page))
    return list(input, await quotaAnswers(deps, found.projects), found.total, page)
  },

  async getQuota(deps, { caller, params: { id } }) {
    await requireInSystem(deps, caller, 'quota:read')
    const one = { offset: 0, limit: 1 }
    const found = await listProjects(deps.pool, everything, referred('project', String(id)), 'p.id', one)
    const [answer] = await quotaAnswers(deps, found.projects)
    if (!answer) throw new RegistryError('NOT_FOUND', `quota ${id} not found`)
    return json(answer)
  },
}

/** Only projects have quotas, so nothing is found for a reference to anything else. */
function referred(kind: string | undefined, id: string | undefined): { clauses: string[]; values: unknown[] } {
  if (kind && kind !== 'project') return { clauses: ['false'], values: [] }
  if (!id) return { clauses: [], values: [] }
  return /^\d{1,15}$/.test(id) ? { clauses: ['p.id = $1'], values: [Number(id)] } : { clauses: ['false'], values: [] }
}

async function quotaAnswers({ pool }: ApiDeps, projects: readonly Project[]): Promise<Quota[]> {
  const ids = projects.map(({ id }) => id)
  const used = await usedStorage(pool, ids)
  return projects.map((project) => ({
    id: project.id,
    ref: { id: project.id, name: project.name, owner_name: project.ownerName },
    hard: { storage: unlimited },
    used: { storage: used.get(project.id) ?? 0 },
    creation_time: project.createdAt.toISOString(),
    update_time: project.updatedAt.toISOString(),
  }))
}
