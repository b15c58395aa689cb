import { Type } from 'typebox'
import { nameHeaders, type OperationShape, projectParams, shape } from './shape.ts'

export const projectMetadataOperations = {
  listProjectMetadatas: {
    method: 'GET',
    path: '/projects/{project_name_or_id}/metadatas/',
    params: projectParams,
    headers: nameHeaders,
    status: 200,
    answer: Type.Record(Type.String(), Type.String()),
    errors: [400, 401, 403, 404, 500],
  },
  addProjectMetadatas: {
    method: 'POST',
    path: '/projects/{project_name_or_id}/metadatas/',
    params: projectParams,
    headers: nameHeaders,
    body: Type.Record(Type.String(), Type.String()),
    bodyName: 'metadata',
    bodyOptional: true,
    status: 200,
    errors: [400, 401, 403, 404, 409, 500],
  },
  getProjectMetadata: {
    method: 'GET',
    path: '/projects/{project_name_or_id}/metadatas/{meta_name}',
    params: shape({ project_name_or_id: Type.String(), meta_name: Type.String() }, ['project_name_or_id', 'meta_name']),
    headers: nameHeaders,
    status: 200,
    answer: Type.Record(Type.String(), Type.String()),
    errors: [400, 401, 403, 404, 500],
  },
  updateProjectMetadata: {
    method: 'PUT',
    path: '/projects/{project_name_or_id}/metadatas/{meta_name}',
    params: shape({ project_name_or_id: Type.String(), meta_name: Type.String() }, ['project_name_or_id', 'meta_name']),
    headers: nameHeaders,
    body: Type.Record(Type.String(), Type.String()),
    bodyName: 'metadata',
    bodyOptional: true,
    status: 200,
    errors: [400, 401, 403, 404, 409, 500],
  },
  deleteProjectMetadata: {
    method: 'DELETE',
    path: '/projects/{project_name_or_id}/metadatas/{meta_name}',
    params: shape({ project_name_or_id: Type.String(), meta_name: Type.String() }, ['project_name_or_id', 'meta_name']),
    headers: nameHeaders,
    status: 200,
    errors: [400, 401, 403, 404, 409, 500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
