import { type Static, Type } from 'typebox'
import {
  acceptVulnerabilities,
  artifactFlags,
  nameHeaders,
  nullable,
  type OperationShape,
  paging,
  projectNameParams,
  projectParams,
  shape,
} from './shape.ts'
import { Artifact, AuditLog, AuditLogExt, CVEAllowlist, Project, ProjectMetadata, ResourceList } from './shared.ts'

export const ProjectReq = shape({
  project_name: Type.String({ maxLength: 255 }),
  public: nullable(Type.Boolean()),
  metadata: ProjectMetadata,
  cve_allowlist: CVEAllowlist,
  storage_limit: nullable(Type.Integer({ format: 'int64' })),
  registry_id: nullable(Type.Integer({ format: 'int64' })),
})
export type ProjectReq = Static<typeof ProjectReq>

export const ProjectDeletable = shape({
  deletable: Type.Boolean(),
  message: Type.String(),
})
export type ProjectDeletable = Static<typeof ProjectDeletable>

export const ProjectSummaryQuota = shape({
  hard: ResourceList,
  used: ResourceList,
})
export type ProjectSummaryQuota = Static<typeof ProjectSummaryQuota>

export const RegistryCredential = shape({
  type: Type.String(),
  access_key: Type.String(),
  access_secret: Type.String(),
})
export type RegistryCredential = Static<typeof RegistryCredential>

export const Registry = shape({
  id: Type.Integer({ format: 'int64' }),
  url: Type.String(),
  name: Type.String(),
  credential: RegistryCredential,
  type: Type.String(),
  insecure: Type.Boolean(),
  ca_certificate: nullable(Type.String()),
  description: Type.String(),
  status: Type.String(),
  creation_time: Type.String({ format: 'date-time' }),
  update_time: Type.String({ format: 'date-time' }),
})
export type Registry = Static<typeof Registry>

export const ProjectSummary = shape({
  repo_count: Type.Integer(),
  project_admin_count: Type.Integer(),
  maintainer_count: Type.Integer(),
  developer_count: Type.Integer(),
  guest_count: Type.Integer(),
  limited_guest_count: Type.Integer(),
  quota: ProjectSummaryQuota,
  registry: Registry,
})
export type ProjectSummary = Static<typeof ProjectSummary>

export const projectOperations = {
  listProjects: {
    method: 'GET',
    path: '/projects',
    query: shape({
      ...paging,
      q: Type.String(),
      sort: Type.String(),
      name: Type.String(),
      public: Type.Boolean(),
      owner: Type.String(),
      with_detail: Type.Boolean({ default: true }),
    }),
    status: 200,
    answer: Type.Array(Project),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [401, 500],
  },
  headProject: {
    method: 'HEAD',
    path: '/projects',
    query: projectNameParams,
    status: 200,
    errors: [400, 404, 500],
  },
  createProject: {
    method: 'POST',
    path: '/projects',
    headers: shape({ 'X-Resource-Name-In-Location': Type.Boolean({ default: false }) }),
    body: ProjectReq,
    bodyName: 'project',
    status: 201,
    answerHeaders: ['Location'],
    errors: [400, 401, 409, 500],
  },
  getProject: {
    method: 'GET',
    path: '/projects/{project_name_or_id}',
    params: projectParams,
    headers: nameHeaders,
    status: 200,
    answer: Project,
    errors: [401, 500],
  },
  updateProject: {
    method: 'PUT',
    path: '/projects/{project_name_or_id}',
    params: projectParams,
    headers: nameHeaders,
    body: ProjectReq,
    bodyName: 'project',
    status: 200,
    errors: [400, 401, 403, 404, 500],
  },
  deleteProject: {
    method: 'DELETE',
    path: '/projects/{project_name_or_id}',
    params: projectParams,
    headers: nameHeaders,
    status: 200,
    errors: [400, 403, 404, 412, 500],
  },
  getProjectDeletable: {
    method: 'GET',
    path: '/projects/{project_name_or_id}/_deletable',
    params: projectParams,
    headers: nameHeaders,
    status: 200,
    answer: ProjectDeletable,
    errors: [401, 403, 404, 500],
  },
  getProjectSummary: {
    method: 'GET',
    path: '/projects/{project_name_or_id}/summary',
    params: projectParams,
    headers: nameHeaders,
    status: 200,
    answer: ProjectSummary,
    errors: [400, 401, 403, 404, 500],
  },
  listArtifactsOfProject: {
    method: 'GET',
    path: '/projects/{project_name_or_id}/artifacts',
    params: projectParams,
    query: shape({
      ...paging,
      ...artifactFlags,
      q: Type.String(),
      sort: Type.String(),
      latest_in_repository: Type.Boolean({ default: false }),
    }),
    headers: shape({
      'X-Is-Resource-Name': Type.Boolean({ default: false }),
      ...acceptVulnerabilities,
    }),
    status: 200,
    answer: Type.Array(Artifact),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [400, 401, 403, 404, 500],
  },
  getLogs: {
    method: 'GET',
    path: '/projects/{project_name}/logs',
    params: projectNameParams,
    query: shape({ ...paging, q: Type.String(), sort: Type.String() }),
    status: 200,
    answer: Type.Array(AuditLog),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [400, 401, 500],
  },
  getLogExts: {
    method: 'GET',
    path: '/projects/{project_name}/auditlog-exts',
    params: projectNameParams,
    query: shape({ ...paging, q: Type.String(), sort: Type.String() }),
    status: 200,
    answer: Type.Array(AuditLogExt),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [400, 401, 500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
