import { RegistryError } from '@breakwater/oci'
import {
  deleteLabel,
  findLabel,
  findLabels,
  insertLabel,
  type Label,
  type LabelText,
  updateLabel,
} from '../../artifacts/index.ts'
import { record } from '../../ledger/index.ts'
import { transaction } from '../../metadata/index.ts'
import { findProject } from '../../projects/index.ts'
import type { Caller } from '../caller.ts'
import { type ApiDeps, created, type HandlersOf, json, ok } from '../operation.ts'
import { refuse, requireHere, requireInSystem, requireLogin } from '../permit.ts'
import { list, pageOf, windowOf } from '../request/page.ts'
import { type Condition, parseQuery, parseSort } from '../request/query.ts'
import { applyConditions, type Column } from '../request/sql-filter.ts'
import { labelAnswer } from './label-answer.ts'

const columns: Readonly<Record<string, Column>> = {
  id: { sql: 'b.id', type: 'bigint' },
  name: { sql: 'b.name', type: 'text' },
  description: { sql: 'b.description', type: 'text' },
  color: { sql: 'b.color', type: 'text' },
  creation_time: { sql: 'b.created_at', type: 'timestamptz' },
  update_time: { sql: 'b.updated_at', type: 'timestamptz' },
}

const sortable = Object.fromEntries(Object.entries(columns).map(([key, { sql }]) => [key, sql]))

type LabelAction = 'create' | 'read' | 'update' | 'delete' | 'list'

export const labelHandlers: HandlersOf<'ListLabels' | 'CreateLabel' | 'GetLabelByID' | 'UpdateLabel' | 'DeleteLabel'> =
  {
    async ListLabels(deps, input) {
      const { caller, query } = input
      const conditions = new Map<string, Condition>(parseQuery(query.q))
      if (query.name) conditions.set('name', { kind: 'fuzzy', value: query.name })
      const projectId = await requireScope(deps, caller, query, 'list')
      const page = pageOf(query)
      const filter = applyConditions({ clauses: [], values: [] }, conditions, columns)
      const order = parseSort(query.sort, sortable, 'b.name, b.id')
      const found = await findLabels(deps.pool, projectId, filter, order, windowOf(page))
      return list(input, found.labels.map(labelAnswer), found.total, page)
    },

    async CreateLabel(deps, input) {
      const { caller, body } = input
      const projectId = await requireScope(deps, caller, body, 'create')
      const text = textOf(body)
      const id = await transaction(deps.pool, async (tx) => {
        const made = await insertLabel(tx, projectId, text)
        if (made === undefined) throw taken(text.name)
        await record(tx, caller.actor, changeOf('label.create', { projectId, id: made, ...text }))
        return made
      })
      return created(input, id)
    },

    async GetLabelByID(deps, input) {
      return json(labelAnswer(await requireLabel(deps, input.caller, input.params.label_id, 'read')))
    },

    async UpdateLabel(deps, input) {
      const { caller, params } = input
      const label = await requireLabel(deps, caller, params.label_id, 'update')
      const text = textOf(input.body)
      await transaction(deps.pool, async (tx) => {
        if (!(await updateLabel(tx, label, text))) throw taken(text.name)
        await record(tx, caller.actor, changeOf('label.update', { ...label, ...text }))
      })
      return ok
    },

    async DeleteLabel(deps, input) {
      const { caller, params } = input
      const label = await requireLabel(deps, caller, params.label_id, 'delete')
      await transaction(deps.pool, async (tx) => {
        await deleteLabel(tx, label.id)
        await record(tx, caller.actor, changeOf('label.delete', label))
      })
      return ok
    },
  }

/** The project of the scope that is asked for, null for the system; the caller may do `action` with its labels. */
async function requireScope(
  deps: ApiDeps,
  caller: Caller,
  asked: { readonly scope?: string; readonly project_id?: number },
  action: LabelAction,
): Promise<number | null> {
  const { scope = '', project_id: id = 0 } = asked
  if (scope === 'g') {
    await requireFor(deps, caller, null, action)
    return null
  }
  if (scope !== 'p') throw new RegistryError('BAD_REQUEST', `invalid scope: ${scope}`)
  if (id <= 0) throw new RegistryError('BAD_REQUEST', `invalid project_id: ${id}`)
  await requireFor(deps, caller, id, action)
  return id
}

/** Labels of the system are for everybody who is logged in to see. */
async function requireFor(deps: ApiDeps, caller: Caller, projectId: number | null, action: LabelAction): Promise<void> {
  if (projectId === null) {
    requireLogin(caller)
    if (action !== 'read' && action !== 'list') await requireInSystem(deps, caller, `label:${action}`)
    return
  }
  const project = await findProject(deps.pool, { id: projectId })
  if (project) await requireHere(deps, caller, project, `label:${action}`)
  else if (caller.systemAdmin) throw new RegistryError('NOT_FOUND', `project ${projectId} not found`)
  else await refuse(deps, caller, `label:${action}`, `project ${projectId}`)
}

async function requireLabel(deps: ApiDeps, caller: Caller, id: number, action: LabelAction): Promise<Label> {
  const label = await findLabel(deps.pool, id)
  if (!label) {
    requireLogin(caller)
    throw new RegistryError('NOT_FOUND', `label ${id} not found`)
  }
  await requireFor(deps, caller, label.projectId, action)
  return label
}

function textOf(body: { readonly name?: string; readonly description?: string; readonly color?: string }): LabelText {
  const { name = '', description = '', color = '' } = body
  if (name.length < 1 || name.length > 128) {
    throw new RegistryError('BAD_REQUEST', 'name: Label name must have 1 to 128 characters')
  }
  return { name, description, color }
}

function taken(name: string): RegistryError {
  return new RegistryError('CONFLICT', `label ${name} already exists`)
}

function changeOf(
  action: string,
  { id, projectId, name, description, color }: LabelText & Pick<Label, 'id' | 'projectId'>,
) {
  return { action, object: `label ${name}`, detail: { id, description, color }, projectId: projectId ?? undefined }
}
