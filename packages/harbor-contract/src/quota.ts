import { type Static, Type } from 'typebox'
import { type OperationShape, paging, shape } from './shape.ts'
import { ResourceList } from './shared.ts'

export const QuotaRefObject = Type.Record(Type.String(), Type.Unknown())
export type QuotaRefObject = Static<typeof QuotaRefObject>

export const Quota = shape({
  id: Type.Integer(),
  ref: QuotaRefObject,
  hard: ResourceList,
  used: ResourceList,
  creation_time: Type.String({ format: 'date-time' }),
  update_time: Type.String({ format: 'date-time' }),
})
export type Quota = Static<typeof Quota>

export const quotaOperations = {
  listQuotas: {
    method: 'GET',
    path: '/quotas',
    query: shape({ ...paging, reference: Type.String(), reference_id: Type.String(), sort: Type.String() }),
    status: 200,
    answer: Type.Array(Quota),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [401, 403, 500],
  },
  getQuota: {
    method: 'GET',
    path: '/quotas/{id}',
    params: shape({ id: Type.Integer() }, ['id']),
    status: 200,
    answer: Quota,
    errors: [401, 403, 404, 500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
