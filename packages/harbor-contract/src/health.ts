import { type Static, Type } from 'typebox'
import { type OperationShape, shape } from './shape.ts'

export const ComponentHealthStatus = shape({
  name: Type.String(),
  status: Type.String(),
  error: Type.String(),
})
export type ComponentHealthStatus = Static<typeof ComponentHealthStatus>

export const OverallHealthStatus = shape({
  status: Type.String(),
  components: Type.Array(ComponentHealthStatus),
})
export type OverallHealthStatus = Static<typeof OverallHealthStatus>

export const healthOperations = {
  getHealth: {
    method: 'GET',
    path: '/health',
    status: 200,
    answer: OverallHealthStatus,
    errors: [500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
