import { Type } from 'typebox'
import type { OperationShape } from './shape.ts'

export const pingOperations = {
  getPing: {
    method: 'GET',
    path: '/ping',
    status: 200,
    answer: Type.String(),
    produces: ['text/plain'],
    errors: [],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
