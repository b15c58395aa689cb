import type { Repository as Answer } from '@breakwater/harbor-contract'
import { RegistryError } from '@breakwater/oci'
import { removeAllArtifacts } from '../../artifacts/index.ts'
import { forgetRepositoryPulls, record } from '../../ledger/index.ts'
import { transaction } from '../../metadata/index.ts'
import {
  describeRepository,
  findRepositories,
  findRepository,
  lockRepository,
  type Repository,
} from '../../projects/index.ts'
import { type HandlersOf, json, ok } from '../operation.ts'
import { requireInProject } from '../permit.ts'
import { viewerOf } from '../projects/project-list.ts'
import { list, pageOf, windowOf } from '../request/page.ts'
import { requireRepository, unescapeAgain } from './repository-access.ts'
import { repositoryFilter, repositoryOrder } from './repository-query.ts'

export const repositoryHandlers: HandlersOf<
  'listAllRepositories' | 'listRepositories' | 'getRepository' | 'updateRepository' | 'deleteRepository'
> = {
  async listAllRepositories(deps, input) {
    const { query, caller } = input
    const page = pageOf(query)
    const scope = { viewer: viewerOf(caller) }
    const order = repositoryOrder(query.sort)
    const found = await findRepositories(deps.pool, scope, repositoryFilter(query.q), order, windowOf(page))
    return list(input, found.repositories.map(answerOf), found.total, page)
  },

  async listRepositories(deps, input) {
    const { query } = input
    const { project } = await requireInProject(deps, input, 'repository:list')
    const page = pageOf(query)
    const scope = { projectId: project.id }
    const order = repositoryOrder(query.sort)
    const found = await findRepositories(deps.pool, scope, repositoryFilter(query.q), order, windowOf(page))
    return list(input, found.repositories.map(answerOf), found.total, page)
  },

  async getRepository(deps, input) {
    const { project } = await requireInProject(deps, input, 'repository:read')
    const name = unescapeAgain(input.params.repository_name)
    const found = await findRepository(deps.pool, project.id, name)
    if (!found) throw new RegistryError('NOT_FOUND', `repository ${project.name}/${name} not found`)
    return json(answerOf(found))
  },

  async updateRepository(deps, input) {
    const { projectId, repositoryId, repository } = await requireRepository(deps, input, 'repository:update')
    const description = escapeHtml(input.body.description ?? '')
    await transaction(deps.pool, async (tx) => {
      await describeRepository(tx, repositoryId, description)
      const change = { projectId, action: 'repository.update', object: repository, detail: { description } }
      await record(tx, input.caller.actor, change)
    })
    return ok
  },

  async deleteRepository(deps, input) {
    const place = await requireRepository(deps, input, 'repository:delete')
    const { actor } = input.caller
    await transaction(deps.pool, async (tx) => {
      await lockRepository(tx, place.repositoryId)
      const artifacts = await removeAllArtifacts(tx, place, actor)
      await forgetRepositoryPulls(tx, place.repositoryId)
      await describeRepository(tx, place.repositoryId, '')
      const change = { action: 'repository.delete', object: place.repository, detail: { artifacts } }
      await record(tx, actor, { ...change, projectId: place.projectId })
    })
    return ok
  },
}

function answerOf(repository: Repository): Answer {
  return {
    id: repository.id,
    project_id: repository.projectId,
    name: repository.name,
    ...(repository.description ? { description: repository.description } : {}),
    artifact_count: repository.artifacts,
    pull_count: repository.pulls,
    creation_time: repository.createdAt.toISOString(),
    update_time: repository.updatedAt.toISOString(),
  }
}

/** As Harbor keeps descriptions, for clients that show them as they are. */
function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
