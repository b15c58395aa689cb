import { type ArtifactScope, findArtifacts } from '../../artifacts/index.ts'
import type { Reply } from '../../http/index.ts'
import { findRepositoryId } from '../../projects/index.ts'
import type { ApiDeps, Handler } from '../operation.ts'
import { requireInProject } from '../permit.ts'
import { list, pageOf, windowOf } from '../request/page.ts'
import { artifactAnswers, type With } from './artifact-answer.ts'
import { artifactFilter, artifactOrder } from './artifact-query.ts'
import { unescapeAgain } from './repository-access.ts'

interface Listing {
  readonly path: string
  readonly search: URLSearchParams
  readonly headers: { readonly 'X-Accept-Vulnerabilities'?: string }
  readonly query: With & {
    readonly q?: string
    readonly sort?: string
    readonly page?: number
    readonly page_size?: number
  }
}

/** GET …/repositories/{repository_name}/artifacts: a repository that is not there has none. */
export const listArtifacts: Handler<'listArtifacts'> = async (deps, input) => {
  const { caller, params } = input
  const { project } = await requireInProject(deps, { caller, params }, 'artifact:list')
  const repositoryId = await findRepositoryId(deps.pool, project.id, unescapeAgain(params.repository_name))
  return listWithin(deps, input, repositoryId === undefined ? undefined : { repositoryId })
}

/** GET /projects/{project_name_or_id}/artifacts */
export const listArtifactsOfProject: Handler<'listArtifactsOfProject'> = async (deps, input) => {
  const { project } = await requireInProject(deps, input, 'artifact:list')
  return listWithin(deps, input, { projectId: project.id, latest: input.query.latest_in_repository === true })
}

async function listWithin(deps: ApiDeps, input: Listing, where: ArtifactScope['in'] | undefined): Promise<Reply> {
  const { query } = input
  const page = pageOf(query)
  const { filter, all } = artifactFilter(query.q)
  if (!where) return list(input, [], 0, page)
  const order = artifactOrder(query.sort)
  const found = await findArtifacts(deps.pool, { in: where, all }, filter, order, windowOf(page))
  const accept = input.headers['X-Accept-Vulnerabilities']
  return list(input, await artifactAnswers(deps, found.artifacts, query, accept), found.total, page)
}
