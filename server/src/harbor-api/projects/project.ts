import type { ProjectReq } from '@breakwater/harbor-contract'
import { RegistryError } from '@breakwater/oci'
import { deleteRobotsOf } from '../../identity/index.ts'
import { record } from '../../ledger/index.ts'
import { type Tx, transaction } from '../../metadata/index.ts'
import {
  countFilled,
  findProject,
  createProject as insertProject,
  lockForDeletion,
  lockPolicy,
  deleteProject as markDeleted,
  type Project,
  policyChanged,
  saveCveAllowlist,
} from '../../projects/index.ts'
import type { Caller } from '../caller.ts'
import { type ApiDeps, created, type HandlersOf, json, ok } from '../operation.ts'
import { maySystem, refuse, requireInProject, requireLogin } from '../permit.ts'
import { allowlistOf } from './cve-allowlist-rules.ts'
import { checkMetadataOf } from './metadata-rules.ts'
import { projectAnswers } from './project-answer.ts'
import { listVisibleProjects } from './project-list.ts'
import { store } from './project-metadata.ts'
import { summaryOf } from './project-summary.ts'

const projectName = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/
const holdsRepositories = 'the project contains repositories, can not be deleted'

export const projectHandlers: HandlersOf<
  | 'listProjects'
  | 'headProject'
  | 'createProject'
  | 'getProject'
  | 'updateProject'
  | 'deleteProject'
  | 'getProjectDeletable'
  | 'getProjectSummary'
> = {
  listProjects: listVisibleProjects,

  async headProject(deps, { caller, query }) {
    requireLogin(caller)
    const found = await findProject(deps.pool, { name: query.project_name })
    if (!found) throw new RegistryError('NOT_FOUND', `project ${query.project_name} not found`)
    return ok
  },

  async createProject(deps, input) {
    const { caller, body } = input
    const ownerId = await requireCreator(deps, caller)
    const name = checkName(body.project_name ?? '')
    const isPublic = readPublic(body)
    requireNoExtras(caller, body)
    const metadata = checkMetadataOf({ ...body.metadata, public: String(isPublic) })
    const allowlist = body.cve_allowlist && allowlistOf(body.cve_allowlist, 0)
    const id = await transaction(deps.pool, async (tx) => {
      await lockPolicy(tx, 'new')
      const made = await insertProject(tx, { name, public: isPublic, ownerId })
      if (made === undefined) throw new RegistryError('CONFLICT', `The project named ${name} already exists`)
      await storeAll(tx, made, metadata)
      if (allowlist) await saveCveAllowlist(tx, made, allowlist)
      await policyChanged(tx, made)
      await record(tx, caller.actor, {
        projectId: made,
        action: 'project.create',
        object: `project ${name}`,
        detail: metadata,
      })
      return made
    })
    return created(input, input.headers['X-Resource-Name-In-Location'] ? name : id)
  },

  async getProject(deps, input) {
    const { project } = await requireInProject(deps, input, 'project:read')
    const [answer] = await projectAnswers(deps, input.caller, [project])
    return json(answer)
  },

  async updateProject(deps, input) {
    const { caller, body } = input
    const { project } = await requireInProject(deps, input, 'project:update')
    const metadata = checkMetadataOf({
      ...(typeof body.public === 'boolean' ? { public: String(body.public) } : {}),
      ...body.metadata,
    })
    const { retention_id: retention } = metadata
    if (retention !== undefined && retention !== project.metadata['retention_id']) {
      throw new RegistryError('BAD_REQUEST', 'the retention_id in the request body must be equal to the existing one')
    }
    const allowlist = body.cve_allowlist && allowlistOf(body.cve_allowlist, project.id)
    await transaction(deps.pool, async (tx) => {
      await lockPolicy(tx, project.id)
      await storeAll(tx, project.id, metadata)
      if (allowlist) await saveCveAllowlist(tx, project.id, allowlist)
      await policyChanged(tx, project.id)
      await record(tx, caller.actor, {
        projectId: project.id,
        action: 'project.update',
        object: `project ${project.name}`,
        detail: { ...metadata, ...(allowlist ? { cve_allowlist: allowlist.items } : {}) },
      })
    })
    return ok
  },

  async deleteProject(deps, input) {
    const { caller } = input
    const { project } = await requireInProject(deps, input, 'project:delete')
    await transaction(deps.pool, (tx) => removeProject(tx, caller, project))
    return ok
  },

  async getProjectDeletable(deps, input) {
    const { project } = await requireInProject(deps, input, 'project:delete')
    return json(project.repositories > 0 ? { message: holdsRepositories } : { deletable: true })
  },

  async getProjectSummary(deps, input) {
    return json(await summaryOf(deps, await requireInProject(deps, input, 'project:read'), input.caller.who))
  },
}

/** Who the project will belong to; a robot's projects belong to the first administrator, as in Harbor. */
async function requireCreator(deps: ApiDeps, caller: Caller): Promise<number> {
  const who = requireLogin(caller)
  if (who.kind === 'robot') {
    if (await maySystem(deps, caller, 'project:create')) return 1
    return refuse(deps, caller, 'project:create', 'system', undefined, 'Only system level robot can create project')
  }
  const { project_creation_restriction: restriction } = await deps.settings.current()
  if (restriction === 'everyone' || caller.systemAdmin) return who.id
  return refuse(deps, caller, 'project:create', 'system', undefined, 'Only system admin can create project')
}

function checkName(name: string): string {
  if (name.length < 1 || name.length > 255) {
    throw new RegistryError(
      'BAD_REQUEST',
      `Project name ${name} is illegal in length. (greater than 255 or less than 1)`,
    )
  }
  if (!projectName.test(name)) {
    throw new RegistryError('BAD_REQUEST', 'project name is not in lower case or contains illegal characters')
  }
  return name
}

function readPublic({ metadata, public: old }: ProjectReq): boolean {
  const value = metadata?.public
  if (value === undefined) return old === true
  if (value !== 'true' && value !== 'false') {
    throw new RegistryError('BAD_REQUEST', `metadata.public is "true" or "false", not "${value}"`)
  }
  return value === 'true'
}

/** What would not have an effect is refused, rather than forgotten. */
function requireNoExtras(caller: Caller, body: ProjectReq): void {
  if (body.registry_id) {
    throw new RegistryError('BAD_REQUEST', 'registry_id: proxy cache projects are not supported; leave it out')
  }
  if (caller.systemAdmin && body.storage_limit && body.storage_limit !== -1) {
    throw new RegistryError('BAD_REQUEST', 'storage_limit: limits are not enforced yet; leave it out, or give -1')
  }
}

async function storeAll(tx: Tx, projectId: number, metadata: Readonly<Record<string, string>>): Promise<void> {
  for (const [key, value] of Object.entries(metadata)) await store(tx, projectId, key, value)
}

async function removeProject(tx: Tx, caller: Caller, project: Project): Promise<void> {
  await lockForDeletion(tx, project.id)
  if ((await countFilled(tx, { projectId: project.id })) > 0) {
    throw new RegistryError('PRECONDITION', `precondition failed: ${holdsRepositories}`)
  }
  await markDeleted(tx, project.id)
  await deleteRobotsOf(tx, project.id)
  await record(tx, caller.actor, {
    projectId: project.id,
    action: 'project.delete',
    object: `project ${project.name}`,
  })
}
