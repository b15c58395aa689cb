import { type Static, Type } from 'typebox'
import { nullable, type OperationShape, shape } from './shape.ts'

export const AuthproxySetting = shape({
  endpoint: Type.String(),
  tokenreivew_endpoint: Type.String(),
  skip_search: Type.Boolean(),
  verify_cert: Type.Boolean(),
  server_certificate: Type.String(),
})
export type AuthproxySetting = Static<typeof AuthproxySetting>

export const GeneralInfo = shape({
  banner_message: nullable(Type.String()),
  current_time: nullable(Type.String({ format: 'date-time' })),
  registry_url: nullable(Type.String()),
  external_url: nullable(Type.String()),
  auth_mode: nullable(Type.String()),
  primary_auth_mode: nullable(Type.Boolean()),
  project_creation_restriction: nullable(Type.String()),
  self_registration: nullable(Type.Boolean()),
  has_ca_root: nullable(Type.Boolean()),
  harbor_version: nullable(Type.String()),
  registry_storage_provider_name: nullable(Type.String()),
  read_only: nullable(Type.Boolean()),
  notification_enable: nullable(Type.Boolean()),
  authproxy_settings: AuthproxySetting,
  oidc_provider_name: nullable(Type.String()),
})
export type GeneralInfo = Static<typeof GeneralInfo>

export const Storage = shape({
  total: Type.Integer({ format: 'uint64' }),
  free: Type.Integer({ format: 'uint64' }),
})
export type Storage = Static<typeof Storage>

export const SystemInfo = shape({
  storage: Type.Array(Storage),
})
export type SystemInfo = Static<typeof SystemInfo>

export const systemInfoOperations = {
  getSystemInfo: {
    method: 'GET',
    path: '/systeminfo',
    status: 200,
    answer: GeneralInfo,
    errors: [500],
  },
  getVolumes: {
    method: 'GET',
    path: '/systeminfo/volumes',
    status: 200,
    answer: SystemInfo,
    errors: [401, 403, 404, 500],
  },
  getCert: {
    method: 'GET',
    path: '/systeminfo/getcert',
    status: 200,
    answer: Type.String(),
    answerHeaders: ['Content-Disposition'],
    produces: ['application/octet-stream'],
    errors: [404, 500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
