import { type Static, Type } from 'typebox'
import { nameHeaders, type OperationShape, paging, projectParams, shape } from './shape.ts'
import { Scanner } from './shared.ts'

export const ScannerRegistration = shape({
  uuid: Type.String(),
  name: Type.String(),
  description: Type.String(),
  url: Type.String({ format: 'uri' }),
  disabled: Type.Boolean({ default: false }),
  is_default: Type.Boolean({ default: false }),
  auth: Type.String({ default: '' }),
  access_credential: Type.String(),
  skip_certVerify: Type.Boolean({ default: false }),
  use_internal_addr: Type.Boolean({ default: false }),
  create_time: Type.String({ format: 'date-time' }),
  update_time: Type.String({ format: 'date-time' }),
  adapter: Type.String(),
  vendor: Type.String(),
  version: Type.String(),
  health: Type.String({ default: '' }),
  capabilities: Type.Unsafe<Readonly<Record<string, unknown>>>({ type: 'object', additionalProperties: true }),
})
export type ScannerRegistration = Static<typeof ScannerRegistration>

export const ScannerCapability = shape({
  type: Type.String(),
  consumes_mime_types: Type.Array(Type.String()),
  produces_mime_types: Type.Array(Type.String()),
})
export type ScannerCapability = Static<typeof ScannerCapability>

export const ScannerAdapterMetadata = shape({
  scanner: Scanner,
  capabilities: Type.Array(ScannerCapability),
  properties: Type.Record(Type.String(), Type.String()),
})
export type ScannerAdapterMetadata = Static<typeof ScannerAdapterMetadata>

const registrationParams = shape({ registration_id: Type.String() }, ['registration_id'])

export const scannerOperations = {
  listScanners: {
    method: 'GET',
    path: '/scanners',
    query: shape({ ...paging, q: Type.String(), sort: Type.String() }),
    status: 200,
    answer: Type.Array(ScannerRegistration),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [400, 401, 403, 500],
  },
  getScanner: {
    method: 'GET',
    path: '/scanners/{registration_id}',
    params: registrationParams,
    status: 200,
    answer: ScannerRegistration,
    errors: [401, 403, 404, 500],
  },
  getScannerMetadata: {
    method: 'GET',
    path: '/scanners/{registration_id}/metadata',
    params: registrationParams,
    status: 200,
    answer: ScannerAdapterMetadata,
    errors: [401, 403, 500],
  },
  getScannerOfProject: {
    method: 'GET',
    path: '/projects/{project_name_or_id}/scanner',
    params: projectParams,
    headers: nameHeaders,
    status: 200,
    answer: ScannerRegistration,
    errors: [400, 401, 403, 404, 500],
  },
  listScannerCandidatesOfProject: {
    method: 'GET',
    path: '/projects/{project_name_or_id}/scanner/candidates',
    params: projectParams,
    headers: nameHeaders,
    query: shape({ ...paging, q: Type.String(), sort: Type.String() }),
    status: 200,
    answer: Type.Array(ScannerRegistration),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [400, 401, 403, 500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
