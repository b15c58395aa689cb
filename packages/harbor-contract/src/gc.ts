import { type Static, Type } from 'typebox'
import { Schedule, ScheduleObj } from './scan-all.ts'
import { type OperationShape, paging, shape } from './shape.ts'

export const GCHistory = shape({
  id: Type.Integer(),
  job_name: Type.String(),
  job_kind: Type.String(),
  job_parameters: Type.String(),
  schedule: ScheduleObj,
  job_status: Type.String(),
  deleted: Type.Boolean(),
  creation_time: Type.String({ format: 'date-time' }),
  update_time: Type.String({ format: 'date-time' }),
})
export type GCHistory = Static<typeof GCHistory>

const params = shape({ gc_id: Type.Integer({ format: 'int64' }) }, ['gc_id'])

export const gcOperations = {
  getGCHistory: {
    method: 'GET',
    path: '/system/gc',
    query: shape({ ...paging, q: Type.String(), sort: Type.String() }),
    status: 200,
    answer: Type.Array(GCHistory),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [401, 403, 500],
  },
  getGC: {
    method: 'GET',
    path: '/system/gc/{gc_id}',
    params,
    status: 200,
    answer: GCHistory,
    errors: [401, 403, 404, 500],
  },
  stopGC: {
    method: 'PUT',
    path: '/system/gc/{gc_id}',
    params,
    status: 200,
    errors: [401, 403, 404, 500],
  },
  getGCLog: {
    method: 'GET',
    path: '/system/gc/{gc_id}/log',
    params,
    status: 200,
    answer: Type.String(),
    produces: ['text/plain'],
    errors: [400, 401, 403, 404, 500],
  },
  getGCSchedule: {
    method: 'GET',
    path: '/system/gc/schedule',
    status: 200,
    answer: GCHistory,
    errors: [401, 403, 500],
  },
  updateGCSchedule: {
    method: 'PUT',
    path: '/system/gc/schedule',
    body: Schedule,
    bodyName: 'schedule',
    status: 200,
    errors: [400, 401, 403, 500],
  },
  createGCSchedule: {
    method: 'POST',
    path: '/system/gc/schedule',
    body: Schedule,
    bodyName: 'schedule',
    status: 201,
    answerHeaders: ['Location'],
    errors: [400, 401, 403, 409, 500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
