import { type Static, Type } from 'typebox'
import { type OperationShape, shape } from './shape.ts'
import { Permission } from './shared.ts'

export const Permissions = shape({
  system: Type.Array(Permission),
  project: Type.Array(Permission),
})
export type Permissions = Static<typeof Permissions>

export const permissionsOperations = {
  getPermissions: {
    method: 'GET',
    path: '/permissions',
    status: 200,
    answer: Permissions,
    errors: [401, 403, 404, 500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
