import type { SearchRepository } from '@breakwater/harbor-contract'
import { listProjects } from '../../projects/index.ts'
import { type HandlersOf, json } from '../operation.ts'
import { projectAnswers } from '../projects/project-answer.ts'
import { viewerOf } from '../projects/project-list.ts'
import { applyConditions } from '../request/sql-filter.ts'
import { type FoundRepository, searchRepositories } from './search-queries.ts'

/** The answer has no pages, so it has an end: of more projects or repositories than these, the rest is left out. */
const most = 1_000

export const searchHandlers: HandlersOf<'search'> = {
  async search(deps, { caller, query: { q } }) {
    const viewer = viewerOf(caller)
    const named = applyConditions({ clauses: [], values: [] }, new Map([['name', { kind: 'fuzzy', value: q }]]), {
      name: { sql: 'p.name', type: 'text' },
    })
    const { projects } = await listProjects(deps.pool, viewer, named, 'p.name', { offset: 0, limit: most })
    const repositories = await searchRepositories(deps.pool, viewer, q, most)
    return json({
      project: await projectAnswers(deps, caller, projects),
      repository: repositories.map(repositoryAnswer),
    })
  },
}

function repositoryAnswer(found: FoundRepository): SearchRepository {
  return {
    project_id: found.projectId,
    project_name: found.project,
    project_public: found.public,
    repository_name: `${found.project}/${found.name}`,
    ...(found.pulls > 0 ? { pull_count: found.pulls } : {}),
    artifact_count: found.artifacts,
  }
}
