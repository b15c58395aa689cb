import { type Static, Type } from 'typebox'
import { type OperationShape, paging, shape } from './shape.ts'
import { Permission } from './shared.ts'

export const OIDCUserInfo = shape({
  id: Type.Integer({ format: 'int' }),
  user_id: Type.Integer({ format: 'int' }),
  subiss: Type.String(),
  secret: Type.String(),
  creation_time: Type.String({ format: 'date-time' }),
  update_time: Type.String({ format: 'date-time' }),
})
export type OIDCUserInfo = Static<typeof OIDCUserInfo>

export const UserResp = shape({
  email: Type.String(),
  realname: Type.String(),
  comment: Type.String(),
  user_id: Type.Integer({ format: 'int' }),
  username: Type.String(),
  sysadmin_flag: Type.Boolean(),
  admin_role_in_auth: Type.Boolean(),
  oidc_user_meta: OIDCUserInfo,
  creation_time: Type.String({ format: 'date-time' }),
  update_time: Type.String({ format: 'date-time' }),
})
export type UserResp = Static<typeof UserResp>

export const UserCreationReq = shape({
  email: Type.String({ maxLength: 255 }),
  realname: Type.String(),
  comment: Type.String(),
  password: Type.String(),
  username: Type.String({ maxLength: 255 }),
})
export type UserCreationReq = Static<typeof UserCreationReq>

export const UserSearchRespItem = shape({
  user_id: Type.Integer({ format: 'int' }),
  username: Type.String(),
})
export type UserSearchRespItem = Static<typeof UserSearchRespItem>

export const UserProfile = shape({
  email: Type.String(),
  realname: Type.String(),
  comment: Type.String(),
})
export type UserProfile = Static<typeof UserProfile>

export const UserSysAdminFlag = shape({
  sysadmin_flag: Type.Boolean(),
})
export type UserSysAdminFlag = Static<typeof UserSysAdminFlag>

export const PasswordReq = shape({
  old_password: Type.String(),
  new_password: Type.String(),
})
export type PasswordReq = Static<typeof PasswordReq>

export const OIDCCliSecretReq = shape({
  secret: Type.String(),
})
export type OIDCCliSecretReq = Static<typeof OIDCCliSecretReq>

export const userOperations = {
  listUsers: {
    method: 'GET',
    path: '/users',
    query: shape({ ...paging, q: Type.String(), sort: Type.String() }),
    status: 200,
    answer: Type.Array(UserResp),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [401, 403, 500],
  },
  createUser: {
    method: 'POST',
    path: '/users',
    body: UserCreationReq,
    bodyName: 'userReq',
    status: 201,
    answerHeaders: ['Location'],
    errors: [400, 401, 403, 409, 500],
  },
  getCurrentUserInfo: {
    method: 'GET',
    path: '/users/current',
    status: 200,
    answer: UserResp,
    errors: [401, 500],
  },
  searchUsers: {
    method: 'GET',
    path: '/users/search',
    query: shape({ ...paging, username: Type.String() }, ['username']),
    status: 200,
    answer: Type.Array(UserSearchRespItem),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [401, 500],
  },
  getUser: {
    method: 'GET',
    path: '/users/{user_id}',
    params: shape({ user_id: Type.Integer({ format: 'int' }) }, ['user_id']),
    status: 200,
    answer: UserResp,
    errors: [401, 403, 404, 500],
  },
  updateUserProfile: {
    method: 'PUT',
    path: '/users/{user_id}',
    params: shape({ user_id: Type.Integer({ format: 'int' }) }, ['user_id']),
    body: UserProfile,
    bodyName: 'profile',
    status: 200,
    errors: [401, 403, 404, 500],
  },
  deleteUser: {
    method: 'DELETE',
    path: '/users/{user_id}',
    params: shape({ user_id: Type.Integer({ format: 'int' }) }, ['user_id']),
    status: 200,
    errors: [401, 403, 404, 500],
  },
  setUserSysAdmin: {
    method: 'PUT',
    path: '/users/{user_id}/sysadmin',
    params: shape({ user_id: Type.Integer({ format: 'int' }) }, ['user_id']),
    body: UserSysAdminFlag,
    bodyName: 'sysadmin_flag',
    status: 200,
    errors: [401, 403, 404, 500],
  },
  updateUserPassword: {
    method: 'PUT',
    path: '/users/{user_id}/password',
    params: shape({ user_id: Type.Integer({ format: 'int' }) }, ['user_id']),
    body: PasswordReq,
    bodyName: 'password',
    status: 200,
    errors: [400, 401, 403, 500],
  },
  getCurrentUserPermissions: {
    method: 'GET',
    path: '/users/current/permissions',
    query: shape({ scope: Type.String(), relative: Type.Boolean() }),
    status: 200,
    answer: Type.Array(Permission),
    errors: [401, 500],
  },
  setCliSecret: {
    method: 'PUT',
    path: '/users/{user_id}/cli_secret',
    params: shape({ user_id: Type.Integer({ format: 'int' }) }, ['user_id']),
    body: OIDCCliSecretReq,
    bodyName: 'secret',
    status: 200,
    errors: [400, 401, 403, 404, 412, 500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
