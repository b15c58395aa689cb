import { type Static, Type } from 'typebox'
import { nullable, shape } from './shape.ts'

export const CVEAllowlistItem = shape({
  cve_id: Type.String(),
})
export type CVEAllowlistItem = Static<typeof CVEAllowlistItem>

export const CVEAllowlist = shape({
  id: Type.Integer(),
  project_id: Type.Integer(),
  expires_at: nullable(Type.Integer()),
  items: Type.Array(CVEAllowlistItem),
  creation_time: Type.String({ format: 'date-time' }),
  update_time: Type.String({ format: 'date-time' }),
})
export type CVEAllowlist = Static<typeof CVEAllowlist>

export const ProjectMetadata = shape({
  public: Type.String(),
  enable_content_trust: nullable(Type.String()),
  enable_content_trust_cosign: nullable(Type.String()),
  prevent_vul: nullable(Type.String()),
  severity: nullable(Type.String()),
  auto_scan: nullable(Type.String()),
  auto_sbom_generation: nullable(Type.String()),
  reuse_sys_cve_allowlist: nullable(Type.String()),
  retention_id: nullable(Type.String()),
  proxy_speed_kb: nullable(Type.String()),
  max_upstream_conn: nullable(Type.String()),
  proxy_cache_local_on_not_found: nullable(Type.String()),
})
export type ProjectMetadata = Static<typeof ProjectMetadata>

export const Project = shape({
  project_id: Type.Integer({ format: 'int32' }),
  owner_id: Type.Integer({ format: 'int32' }),
  name: Type.String(),
  registry_id: Type.Integer({ format: 'int64' }),
  creation_time: Type.String({ format: 'date-time' }),
  update_time: Type.String({ format: 'date-time' }),
  deleted: Type.Boolean(),
  owner_name: Type.String(),
  togglable: Type.Boolean(),
  current_user_role_id: Type.Integer(),
  current_user_role_ids: Type.Array(Type.Integer({ format: 'int32' })),
  repo_count: Type.Integer(),
  metadata: ProjectMetadata,
  cve_allowlist: CVEAllowlist,
})
export type Project = Static<typeof Project>

export const ResourceList = Type.Record(Type.String(), Type.Integer({ format: 'int64' }))
export type ResourceList = Static<typeof ResourceList>

export const UserGroup = shape({
  id: Type.Integer(),
  group_name: Type.String(),
  group_type: Type.Integer(),
  ldap_group_dn: Type.String(),
})
export type UserGroup = Static<typeof UserGroup>

export const Accessory = shape({
  id: Type.Integer({ format: 'int64' }),
  artifact_id: Type.Integer({ format: 'int64' }),
  subject_artifact_id: Type.Integer({ format: 'int64' }),
  subject_artifact_digest: Type.String(),
  subject_artifact_repo: Type.String(),
  size: Type.Integer({ format: 'int64' }),
  digest: Type.String(),
  type: Type.String(),
  icon: Type.String(),
  creation_time: Type.String({ format: 'date-time' }),
})
export type Accessory = Static<typeof Accessory>

export const AdditionLink = shape({
  href: Type.String(),
  absolute: Type.Boolean(),
})
export type AdditionLink = Static<typeof AdditionLink>

export const AdditionLinks = Type.Record(Type.String(), AdditionLink)
export type AdditionLinks = Static<typeof AdditionLinks>

export const Annotations = Type.Record(Type.String(), Type.String())
export type Annotations = Static<typeof Annotations>

export const ExtraAttrs = Type.Record(Type.String(), Type.Unknown())
export type ExtraAttrs = Static<typeof ExtraAttrs>

export const Label = shape({
  id: Type.Integer({ format: 'int64' }),
  name: Type.String(),
  description: Type.String(),
  color: Type.String(),
  scope: Type.String(),
  project_id: Type.Integer({ format: 'int64' }),
  creation_time: Type.String({ format: 'date-time' }),
  update_time: Type.String({ format: 'date-time' }),
})
export type Label = Static<typeof Label>

export const Platform = shape({
  architecture: Type.String(),
  os: Type.String(),
  'os.version': Type.String(),
  'os.features': Type.Array(Type.String()),
  variant: Type.String(),
})
export type Platform = Static<typeof Platform>

export const Reference = shape({
  parent_id: Type.Integer({ format: 'int64' }),
  child_id: Type.Integer({ format: 'int64' }),
  child_digest: Type.String(),
  platform: Platform,
  annotations: Annotations,
  urls: Type.Array(Type.String()),
})
export type Reference = Static<typeof Reference>

export const Scanner = shape({
  name: Type.String(),
  vendor: Type.String(),
  version: Type.String(),
})
export type Scanner = Static<typeof Scanner>

export const SBOMOverview = shape({
  start_time: Type.String({ format: 'date-time' }),
  end_time: Type.String({ format: 'date-time' }),
  scan_status: Type.String(),
  sbom_digest: Type.String(),
  report_id: Type.String(),
  duration: Type.Integer({ format: 'int64' }),
  scanner: Scanner,
})
export type SBOMOverview = Static<typeof SBOMOverview>

export const VulnerabilitySummary = shape({
  total: Type.Integer({ format: 'int' }),
  fixable: Type.Integer({ format: 'int' }),
  summary: Type.Record(Type.String(), Type.Integer({ format: 'int' })),
})
export type VulnerabilitySummary = Static<typeof VulnerabilitySummary>

export const NativeReportSummary = shape({
  report_id: Type.String(),
  scan_status: Type.String(),
  severity: Type.String(),
  duration: Type.Integer({ format: 'int64' }),
  summary: VulnerabilitySummary,
  start_time: Type.String({ format: 'date-time' }),
  end_time: Type.String({ format: 'date-time' }),
  complete_percent: Type.Integer(),
  scanner: Scanner,
})
export type NativeReportSummary = Static<typeof NativeReportSummary>

export const ScanOverview = Type.Record(Type.String(), NativeReportSummary)
export type ScanOverview = Static<typeof ScanOverview>

export const Tag = shape({
  id: Type.Integer({ format: 'int64' }),
  repository_id: Type.Integer({ format: 'int64' }),
  artifact_id: Type.Integer({ format: 'int64' }),
  name: Type.String(),
  push_time: Type.String({ format: 'date-time' }),
  pull_time: Type.String({ format: 'date-time' }),
  immutable: Type.Boolean(),
})
export type Tag = Static<typeof Tag>

export const Artifact = shape({
  id: Type.Integer({ format: 'int64' }),
  type: Type.String(),
  media_type: Type.String(),
  manifest_media_type: Type.String(),
  artifact_type: Type.String(),
  project_id: Type.Integer({ format: 'int64' }),
  repository_id: Type.Integer({ format: 'int64' }),
  repository_name: Type.String(),
  digest: Type.String(),
  size: Type.Integer({ format: 'int64' }),
  icon: Type.String(),
  push_time: Type.String({ format: 'date-time' }),
  pull_time: Type.String({ format: 'date-time' }),
  extra_attrs: ExtraAttrs,
  annotations: Annotations,
  references: Type.Array(Reference),
  tags: Type.Array(Tag),
  addition_links: AdditionLinks,
  labels: Type.Array(Label),
  scan_overview: ScanOverview,
  sbom_overview: SBOMOverview,
  accessories: Type.Array(Accessory),
})
export type Artifact = Static<typeof Artifact>

export const AuditLog = shape({
  id: Type.Integer(),
  username: Type.String(),
  resource: Type.String(),
  resource_type: Type.String(),
  operation: Type.String(),
  op_time: Type.String({ format: 'date-time' }),
})
export type AuditLog = Static<typeof AuditLog>

export const AuditLogExt = shape({
  id: Type.Integer(),
  username: Type.String(),
  resource: Type.String(),
  resource_type: Type.String(),
  operation: Type.String(),
  operation_description: Type.String(),
  operation_result: Type.Boolean(),
  op_time: Type.String({ format: 'date-time' }),
})
export type AuditLogExt = Static<typeof AuditLogExt>

export const Permission = shape({
  resource: Type.String(),
  action: Type.String(),
})
export type Permission = Static<typeof Permission>
