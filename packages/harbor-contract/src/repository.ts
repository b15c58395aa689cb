import { type Static, Type } from 'typebox'
import { nullable, type OperationShape, paging, projectNameParams, repositoryParams, shape } from './shape.ts'

export const Repository = shape({
  id: Type.Integer({ format: 'int64' }),
  project_id: Type.Integer({ format: 'int64' }),
  name: Type.String(),
  description: Type.String(),
  artifact_count: Type.Integer({ format: 'int64' }),
  pull_count: Type.Integer({ format: 'int64' }),
  creation_time: nullable(Type.String({ format: 'date-time' })),
  update_time: Type.String({ format: 'date-time' }),
})
export type Repository = Static<typeof Repository>

export const repositoryOperations = {
  listAllRepositories: {
    method: 'GET',
    path: '/repositories',
    query: shape({ ...paging, q: Type.String(), sort: Type.String() }),
    status: 200,
    answer: Type.Array(Repository),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [400, 500],
  },
  listRepositories: {
    method: 'GET',
    path: '/projects/{project_name}/repositories',
    params: projectNameParams,
    query: shape({ ...paging, q: Type.String(), sort: Type.String() }),
    status: 200,
    answer: Type.Array(Repository),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [400, 401, 403, 404, 500],
  },
  getRepository: {
    method: 'GET',
    path: '/projects/{project_name}/repositories/{repository_name}',
    params: repositoryParams,
    status: 200,
    answer: Repository,
    errors: [400, 401, 403, 404, 500],
  },
  updateRepository: {
    method: 'PUT',
    path: '/projects/{project_name}/repositories/{repository_name}',
    params: repositoryParams,
    body: Repository,
    bodyName: 'repository',
    status: 200,
    errors: [400, 401, 403, 404, 500],
  },
  deleteRepository: {
    method: 'DELETE',
    path: '/projects/{project_name}/repositories/{repository_name}',
    params: repositoryParams,
    status: 200,
    errors: [400, 401, 403, 404, 500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
