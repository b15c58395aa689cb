import { type Static, Type } from 'typebox'
import { nameHeaders, type OperationShape, paging, projectParams, shape } from './shape.ts'
import { UserGroup } from './shared.ts'

export const ProjectMemberEntity = shape({
  id: Type.Integer(),
  project_id: Type.Integer(),
  entity_name: Type.String(),
  role_name: Type.String(),
  role_id: Type.Integer(),
  entity_id: Type.Integer(),
  entity_type: Type.String(),
})
export type ProjectMemberEntity = Static<typeof ProjectMemberEntity>

export const UserEntity = shape({
  user_id: Type.Integer(),
  username: Type.String(),
})
export type UserEntity = Static<typeof UserEntity>

export const ProjectMember = shape({
  role_id: Type.Integer(),
  member_user: UserEntity,
  member_group: UserGroup,
})
export type ProjectMember = Static<typeof ProjectMember>

export const RoleRequest = shape({
  role_id: Type.Integer(),
})
export type RoleRequest = Static<typeof RoleRequest>

export const memberOperations = {
  listProjectMembers: {
    method: 'GET',
    path: '/projects/{project_name_or_id}/members',
    params: projectParams,
    query: shape({ ...paging, entityname: Type.String() }),
    headers: nameHeaders,
    status: 200,
    answer: Type.Array(ProjectMemberEntity),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [400, 401, 403, 404, 500],
  },
  createProjectMember: {
    method: 'POST',
    path: '/projects/{project_name_or_id}/members',
    params: projectParams,
    headers: nameHeaders,
    body: ProjectMember,
    bodyName: 'project_member',
    bodyOptional: true,
    status: 201,
    answerHeaders: ['Location'],
    errors: [400, 401, 403, 409, 500],
  },
  getProjectMember: {
    method: 'GET',
    path: '/projects/{project_name_or_id}/members/{mid}',
    params: shape({ project_name_or_id: Type.String(), mid: Type.Integer({ format: 'int64' }) }, [
      'project_name_or_id',
      'mid',
    ]),
    headers: nameHeaders,
    status: 200,
    answer: ProjectMemberEntity,
    errors: [400, 401, 403, 404, 500],
  },
  updateProjectMember: {
    method: 'PUT',
    path: '/projects/{project_name_or_id}/members/{mid}',
    params: shape({ project_name_or_id: Type.String(), mid: Type.Integer({ format: 'int64' }) }, [
      'project_name_or_id',
      'mid',
    ]),
    headers: nameHeaders,
    body: RoleRequest,
    bodyName: 'role',
    bodyOptional: true,
    status: 200,
    errors: [400, 401, 403, 404, 500],
  },
  deleteProjectMember: {
    method: 'DELETE',
    path: '/projects/{project_name_or_id}/members/{mid}',
    params: shape({ project_name_or_id: Type.String(), mid: Type.Integer({ format: 'int64' }) }, [
      'project_name_or_id',
      'mid',
    ]),
    headers: nameHeaders,
    status: 200,
    errors: [400, 401, 403, 500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
