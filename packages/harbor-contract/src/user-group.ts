import { type Static, Type } from 'typebox'
import { type OperationShape, paging, shape } from './shape.ts'
import { UserGroup } from './shared.ts'

export const UserGroupSearchItem = shape({
  id: Type.Integer(),
  group_name: Type.String(),
  group_type: Type.Integer(),
})
export type UserGroupSearchItem = Static<typeof UserGroupSearchItem>

export const userGroupOperations = {
  listUserGroups: {
    method: 'GET',
    path: '/usergroups',
    query: shape({ ...paging, ldap_group_dn: Type.String(), group_name: Type.String() }),
    status: 200,
    answer: Type.Array(UserGroup),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [401, 403, 500],
  },
  createUserGroup: {
    method: 'POST',
    path: '/usergroups',
    body: UserGroup,
    bodyName: 'usergroup',
    bodyOptional: true,
    status: 201,
    answerHeaders: ['Location'],
    errors: [400, 401, 403, 409, 500],
  },
  searchUserGroups: {
    method: 'GET',
    path: '/usergroups/search',
    query: shape({ ...paging, groupname: Type.String() }, ['groupname']),
    status: 200,
    answer: Type.Array(UserGroupSearchItem),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [401, 409, 500],
  },
  getUserGroup: {
    method: 'GET',
    path: '/usergroups/{group_id}',
    params: shape({ group_id: Type.Integer({ format: 'int64' }) }, ['group_id']),
    status: 200,
    answer: UserGroup,
    errors: [400, 401, 403, 404, 500],
  },
  updateUserGroup: {
    method: 'PUT',
    path: '/usergroups/{group_id}',
    params: shape({ group_id: Type.Integer({ format: 'int64' }) }, ['group_id']),
    body: UserGroup,
    bodyName: 'usergroup',
    bodyOptional: true,
    status: 200,
    errors: [400, 401, 403, 404, 500],
  },
  deleteUserGroup: {
    method: 'DELETE',
    path: '/usergroups/{group_id}',
    params: shape({ group_id: Type.Integer() }, ['group_id']),
    status: 200,
    errors: [400, 401, 403, 500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
