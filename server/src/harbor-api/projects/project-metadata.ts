import { RegistryError } from '@breakwater/oci'
import type { Reply } from '../../http/index.ts'
import { record } from '../../ledger/index.ts'
import { type Tx, transaction } from '../../metadata/index.ts'
import {
  deleteMetadata,
  lockPolicy,
  type Project,
  policyChanged,
  putMetadata,
  setPublic,
} from '../../projects/index.ts'
import type { Caller } from '../caller.ts'
import { type ApiDeps, type HandlersOf, json, ok } from '../operation.ts'
import { requireInProject } from '../permit.ts'
import { checkMetadata } from './metadata-rules.ts'

/** A project's settings, one at a time. A PUT sets the value whether or not there was one. */
export const projectMetadataHandlers: HandlersOf<
  | 'listProjectMetadatas'
  | 'addProjectMetadatas'
  | 'getProjectMetadata'
  | 'updateProjectMetadata'
  | 'deleteProjectMetadata'
> = {
  async listProjectMetadatas(deps, input) {
    const { project } = await requireInProject(deps, input, 'metadata:list')
    return json(metadataOf(project))
  },

  async addProjectMetadatas(deps, input) {
    const { project } = await requireInProject(deps, input, 'metadata:create')
    const [pair, ...more] = Object.entries(input.body)
    if (!pair || more.length > 0) throw new RegistryError('BAD_REQUEST', 'only allow one key/value pair')
    return set(deps, input.caller, project, pair, 'create')
  },

  async getProjectMetadata(deps, input) {
    const { project } = await requireInProject(deps, input, 'metadata:read')
    const key = input.params.meta_name
    const value = metadataOf(project)[key]
    if (value === undefined) throw unknownMetadata(project, key)
    return json({ [key]: value })
  },

  async updateProjectMetadata(deps, input) {
    const { project } = await requireInProject(deps, input, 'metadata:update')
    const key = input.params.meta_name
    return set(deps, input.caller, project, [key, (input.body as Record<string, string>)[key] ?? ''], 'replace')
  },

  async deleteProjectMetadata(deps, input) {
    const { caller } = input
    const { project } = await requireInProject(deps, input, 'metadata:delete')
    const key = input.params.meta_name
    await transaction(deps.pool, async (tx) => {
      await lockPolicy(tx, project.id)
      const there = key === 'public' ? true : await deleteMetadata(tx, project.id, key)
      if (!there) throw unknownMetadata(project, key)
      // A project without a say on it is private.
      if (key === 'public') await setPublic(tx, project.id, false)
      await policyChanged(tx, project.id)
      await record(tx, caller.actor, {
        projectId: project.id,
        action: 'project.update',
        object: `project ${project.name}`,
        detail: { removed: key },
      })
    })
    return ok
  },
}

/** All of a project's metadata, its visibility included. */
export function metadataOf(project: Project): Readonly<Record<string, string>> {
  return { ...project.metadata, public: String(project.public) }
}

async function set(
  deps: ApiDeps,
  caller: Caller,
  project: Project,
  [key, given]: [string, string],
  how: 'create' | 'replace',
): Promise<Reply> {
  const value = checkMetadata(key, given)
  const taken = () => new RegistryError('CONFLICT', `metadata ${key} already exists for project ${project.id}`)
  await transaction(deps.pool, async (tx) => {
    if (key === 'public' && how === 'create') throw taken()
    await lockPolicy(tx, project.id)
    if (!(await store(tx, project.id, key, value, how))) throw taken()
    await policyChanged(tx, project.id)
    await record(tx, caller.actor, {
      projectId: project.id,
      action: 'project.update',
      object: `project ${project.name}`,
      detail: { [key]: value },
    })
  })
  return ok
}

/** Writes one checked value to where it is kept. */
export async function store(
  tx: Tx,
  projectId: number,
  key: string,
  value: string,
  how: 'create' | 'replace' = 'replace',
): Promise<boolean> {
  if (key !== 'public') return putMetadata(tx, projectId, key, value, how)
  await setPublic(tx, projectId, value === 'true')
  return true
}

function unknownMetadata(project: Project, key: string): RegistryError {
  return new RegistryError('NOT_FOUND', `metadata ${key} not found for project ${project.id}`)
}
