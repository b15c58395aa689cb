import { type Static, Type } from 'typebox'
import { type OperationShape, shape } from './shape.ts'

export const Stats = shape({
  total: Type.Integer({ format: 'int' }),
  completed: Type.Integer({ format: 'int' }),
  metrics: Type.Record(Type.String(), Type.Integer({ format: 'int' })),
  ongoing: Type.Boolean(),
  trigger: Type.String({ enum: ['Manual', 'Schedule', 'Event'] }),
})
export type Stats = Static<typeof Stats>

export const ScheduleObj = shape({
  type: Type.String({ enum: ['Hourly', 'Daily', 'Weekly', 'Custom', 'Manual', 'None', 'Schedule'] }),
  cron: Type.String(),
  next_scheduled_time: Type.String({ format: 'date-time' }),
})
export type ScheduleObj = Static<typeof ScheduleObj>

export const Schedule = shape({
  id: Type.Integer({ readOnly: true }),
  status: Type.String({ readOnly: true }),
  creation_time: Type.String({ format: 'date-time', readOnly: true }),
  update_time: Type.String({ format: 'date-time', readOnly: true }),
  schedule: ScheduleObj,
  parameters: Type.Record(Type.String(), Type.Unknown()),
})
export type Schedule = Static<typeof Schedule>

export const scanAllOperations = {
  getLatestScanAllMetrics: {
    method: 'GET',
    path: '/scans/all/metrics',
    status: 200,
    answer: Stats,
    errors: [401, 403, 412, 500],
  },
  getLatestScheduledScanAllMetrics: {
    method: 'GET',
    path: '/scans/schedule/metrics',
    status: 200,
    answer: Stats,
    errors: [401, 403, 412, 500],
  },
  getScanAllSchedule: {
    method: 'GET',
    path: '/system/scanAll/schedule',
    status: 200,
    answer: Schedule,
    errors: [401, 403, 412, 500],
  },
  updateScanAllSchedule: {
    method: 'PUT',
    path: '/system/scanAll/schedule',
    body: Schedule,
    bodyName: 'schedule',
    status: 200,
    errors: [400, 401, 403, 412, 500],
  },
  createScanAllSchedule: {
    method: 'POST',
    path: '/system/scanAll/schedule',
    body: Schedule,
    bodyName: 'schedule',
    status: 201,
    answerHeaders: ['Location'],
    errors: [400, 401, 403, 409, 412, 500],
  },
  stopScanAll: {
    method: 'POST',
    path: '/system/scanAll/stop',
    status: 202,
    errors: [400, 401, 403, 500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
