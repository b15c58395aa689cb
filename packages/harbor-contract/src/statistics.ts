import { type Static, Type } from 'typebox'
import { type OperationShape, shape } from './shape.ts'

export const Statistic = shape({
  private_project_count: Type.Integer({ format: 'int64' }),
  private_repo_count: Type.Integer({ format: 'int64' }),
  public_project_count: Type.Integer({ format: 'int64' }),
  public_repo_count: Type.Integer({ format: 'int64' }),
  total_project_count: Type.Integer({ format: 'int64' }),
  total_repo_count: Type.Integer({ format: 'int64' }),
  total_storage_consumption: Type.Integer({ format: 'int64' }),
})
export type Statistic = Static<typeof Statistic>

export const statisticsOperations = {
  getStatistic: {
    method: 'GET',
    path: '/statistics',
    status: 200,
    answer: Statistic,
    errors: [401, 500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
