import { type Static, Type } from 'typebox'
import { type OperationShape, paging, shape } from './shape.ts'
import { AuditLog, AuditLogExt } from './shared.ts'

export const AuditLogEventType = shape({
  event_type: Type.String(),
})
export type AuditLogEventType = Static<typeof AuditLogEventType>

export const auditLogOperations = {
  listAuditLogs: {
    method: 'GET',
    path: '/audit-logs',
    query: shape({ ...paging, q: Type.String(), sort: Type.String() }),
    status: 200,
    answer: Type.Array(AuditLog),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [400, 401, 500],
  },
  listAuditLogExts: {
    method: 'GET',
    path: '/auditlog-exts',
    query: shape({ ...paging, q: Type.String(), sort: Type.String() }),
    status: 200,
    answer: Type.Array(AuditLogExt),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [400, 401, 500],
  },
  listAuditLogEventTypes: {
    method: 'GET',
    path: '/auditlog-exts/events',
    status: 200,
    answer: Type.Array(AuditLogEventType),
    errors: [401],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
