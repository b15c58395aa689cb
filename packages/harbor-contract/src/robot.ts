import { type Static, Type } from 'typebox'
import { nullable, type OperationShape, paging, shape } from './shape.ts'

export const Access = shape({
  resource: Type.String(),
  action: Type.String(),
  effect: Type.String(),
})
export type Access = Static<typeof Access>

export const RobotPermission = shape({
  kind: Type.String(),
  namespace: Type.String(),
  access: Type.Array(Access),
})
export type RobotPermission = Static<typeof RobotPermission>

export const Robot = shape({
  id: Type.Integer({ format: 'int64' }),
  name: Type.String(),
  description: Type.String(),
  secret: Type.String(),
  level: Type.String(),
  duration: nullable(Type.Integer({ format: 'int64' })),
  editable: Type.Boolean(),
  disable: Type.Boolean(),
  expires_at: Type.Integer({ format: 'int64' }),
  permissions: Type.Array(RobotPermission),
  creator_type: Type.String(),
  creator_ref: Type.Integer(),
  creation_time: Type.String({ format: 'date-time' }),
  update_time: Type.String({ format: 'date-time' }),
})
export type Robot = Static<typeof Robot>

export const RobotCreated = shape({
  id: Type.Integer({ format: 'int64' }),
  name: Type.String(),
  secret: Type.String(),
  creation_time: Type.String({ format: 'date-time' }),
  expires_at: Type.Integer({ format: 'int64' }),
})
export type RobotCreated = Static<typeof RobotCreated>

export const RobotCreate = shape({
  name: Type.String(),
  description: Type.String(),
  secret: Type.String(),
  level: Type.String(),
  disable: Type.Boolean(),
  duration: Type.Integer({ format: 'int64' }),
  permissions: Type.Array(RobotPermission),
})
export type RobotCreate = Static<typeof RobotCreate>

export const RobotSec = shape({
  secret: Type.String(),
})
export type RobotSec = Static<typeof RobotSec>

export const robotOperations = {
  ListRobot: {
    method: 'GET',
    path: '/robots',
    query: shape({ ...paging, q: Type.String(), sort: Type.String() }),
    status: 200,
    answer: Type.Array(Robot),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [400, 404, 500],
  },
  CreateRobot: {
    method: 'POST',
    path: '/robots',
    body: RobotCreate,
    bodyName: 'robot',
    status: 201,
    answer: RobotCreated,
    answerHeaders: ['Location'],
    errors: [400, 401, 403, 404, 500],
  },
  GetRobotByID: {
    method: 'GET',
    path: '/robots/{robot_id}',
    params: shape({ robot_id: Type.Integer() }, ['robot_id']),
    status: 200,
    answer: Robot,
    errors: [401, 403, 404, 500],
  },
  UpdateRobot: {
    method: 'PUT',
    path: '/robots/{robot_id}',
    params: shape({ robot_id: Type.Integer() }, ['robot_id']),
    body: Robot,
    bodyName: 'robot',
    status: 200,
    errors: [400, 401, 403, 404, 409, 500],
  },
  RefreshSec: {
    method: 'PATCH',
    path: '/robots/{robot_id}',
    params: shape({ robot_id: Type.Integer() }, ['robot_id']),
    body: RobotSec,
    bodyName: 'robotSec',
    status: 200,
    answer: RobotSec,
    errors: [400, 401, 404, 403, 500],
  },
  DeleteRobot: {
    method: 'DELETE',
    path: '/robots/{robot_id}',
    params: shape({ robot_id: Type.Integer() }, ['robot_id']),
    status: 200,
    errors: [400, 401, 403, 404, 500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
