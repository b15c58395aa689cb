import { type Static, Type } from 'typebox'
import { type OperationShape, shape } from './shape.ts'
import { Project } from './shared.ts'

export const SearchRepository = shape({
  project_id: Type.Integer(),
  project_name: Type.String(),
  project_public: Type.Boolean(),
  repository_name: Type.String(),
  pull_count: Type.Integer(),
  artifact_count: Type.Integer(),
})
export type SearchRepository = Static<typeof SearchRepository>

export const Search = shape({
  project: Type.Array(Project),
  repository: Type.Array(SearchRepository),
})
export type Search = Static<typeof Search>

export const searchOperations = {
  search: {
    method: 'GET',
    path: '/search',
    query: shape({ q: Type.String() }, ['q']),
    status: 200,
    answer: Search,
    errors: [500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
