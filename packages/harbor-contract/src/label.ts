import { Type } from 'typebox'
import { type OperationShape, paging, shape } from './shape.ts'
import { Label } from './shared.ts'

export const labelOperations = {
  ListLabels: {
    method: 'GET',
    path: '/labels',
    query: shape({
      ...paging,
      q: Type.String(),
      sort: Type.String(),
      name: Type.String(),
      scope: Type.String(),
      project_id: Type.Integer({ format: 'int64' }),
    }),
    status: 200,
    answer: Type.Array(Label),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [400, 401, 500],
  },
  CreateLabel: {
    method: 'POST',
    path: '/labels',
    body: Label,
    bodyName: 'label',
    status: 201,
    answerHeaders: ['Location'],
    errors: [400, 401, 409, 415, 500],
  },
  GetLabelByID: {
    method: 'GET',
    path: '/labels/{label_id}',
    params: shape({ label_id: Type.Integer({ format: 'int64' }) }, ['label_id']),
    status: 200,
    answer: Label,
    errors: [401, 404, 500],
  },
  UpdateLabel: {
    method: 'PUT',
    path: '/labels/{label_id}',
    params: shape({ label_id: Type.Integer({ format: 'int64' }) }, ['label_id']),
    body: Label,
    bodyName: 'label',
    status: 200,
    errors: [400, 401, 404, 409, 500],
  },
  DeleteLabel: {
    method: 'DELETE',
    path: '/labels/{label_id}',
    params: shape({ label_id: Type.Integer({ format: 'int64' }) }, ['label_id']),
    status: 200,
    errors: [400, 401, 404, 500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
