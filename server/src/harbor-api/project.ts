import { RegistryError } from '@breakwater/oci'
import { type Static, Type } from 'typebox'
import type { Reply } from '../http/index.ts'
import { record } from '../ledger/index.ts'
import { transaction } from '../metadata/index.ts'
import {
  countRepositories,
  findProject,
  createProject as insertProject,
  lockForDeletion,
  deleteProject as markDeleted,
  memberRole,
  type Project,
} from '../projects/index.ts'
import { type ApiDeps, type Caller, refuse } from './caller.ts'
import type { Input } from './operation.ts'

export const projectBody = Type.Object({
  project_name: Type.String(),
  public: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  metadata: Type.Optional(Type.Object({ public: Type.Optional(Type.String()) })),
})

const projectName = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/

/** POST /projects */
export async function createProject(deps: ApiDeps, { caller, body, path }: Input): Promise<Reply> {
  const asked = body as Static<typeof projectBody>
  const name = asked.project_name
  if (name.length < 1 || name.length > 255) {
    throw new RegistryError(
      'BAD_REQUEST',
      `Project name ${name} is illegal in length. (greater than 255 or less than 1)`,
    )
  }
  if (!projectName.test(name)) {
    throw new RegistryError('BAD_REQUEST', 'project name is not in lower case or contains illegal characters')
  }
  const isPublic = asked.metadata?.public === undefined ? asked.public === true : asked.metadata.public === 'true'
  const id = await transaction(deps.pool, async (tx) => {
    const made = await insertProject(tx, { name, public: isPublic, ownerId: caller.id })
    if (made === undefined) throw new RegistryError('CONFLICT', `The project named ${name} already exists`)
    await record(tx, caller.actor, {
      action: 'project.create',
      object: `project ${name}`,
      detail: { public: isPublic },
    })
    return made
  })
  return { status: 201, headers: { Location: `${path}/${id}` } }
}

/** HEAD /projects?project_name= */
export async function headProject(deps: ApiDeps, { query }: Input): Promise<Reply> {
  const found = await findProject(deps.pool, { name: query['project_name'] ?? '' })
  return { status: found ? 200 : 404 }
}

/** GET /projects/{project_name_or_id} */
export async function getProject(deps: ApiDeps, input: Input): Promise<Reply> {
  const project = await visibleProject(deps, input)
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
    body: JSON.stringify({
      project_id: project.id,
      name: project.name,
      owner_id: project.ownerId,
      metadata: { public: String(project.public) },
      repo_count: project.repositories,
      creation_time: project.createdAt,
      update_time: project.updatedAt,
    }),
  }
}

/** DELETE /projects/{project_name_or_id} */
export async function deleteProject(deps: ApiDeps, input: Input): Promise<Reply> {
  const { caller } = input
  const project = await visibleProject(deps, input)
  await requireProjectAdmin(deps, caller, project, 'project.delete')
  await transaction(deps.pool, async (tx) => {
    await lockForDeletion(tx, project.id)
    if ((await countRepositories(tx, project.id)) > 0) {
      throw new RegistryError(
        'PRECONDITION',
        'precondition failed: the project contains repositories, can not be deleted',
      )
    }
    await markDeleted(tx, project.id)
    await record(tx, caller.actor, { action: 'project.delete', object: `project ${project.name}` })
  })
  return { status: 200 }
}

/** A project that the caller may not see answers as one that is not there would to them. */
export async function visibleProject(deps: ApiDeps, { caller, params, byName }: Input): Promise<Project> {
  const given = params['project_name_or_id'] ?? ''
  const project = await findProject(deps.pool, /^\d+$/.test(given) && !byName ? { id: Number(given) } : { name: given })
  if (caller.systemAdmin) {
    if (project) return project
    throw new RegistryError('NOT_FOUND', `project ${given} not found`)
  }
  if (project && (project.public || (await memberRole(deps.pool, project.id, caller.id)) !== undefined)) return project
  return refuse(deps, caller, 'project.read', `project ${given}`)
}

export async function requireProjectAdmin(
  deps: ApiDeps,
  caller: Caller,
  project: Project,
  action: string,
): Promise<void> {
  if (caller.systemAdmin || (await memberRole(deps.pool, project.id, caller.id)) === 1) return
  await refuse(deps, caller, action, `project ${project.name}`)
}
