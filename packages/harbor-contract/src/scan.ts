import { type Static, Type } from 'typebox'
import { acceptVulnerabilities, artifactParams, type OperationShape, shape } from './shape.ts'

export const ScanType = shape({
  scan_type: Type.String({ enum: ['vulnerability', 'sbom'] }),
})
export type ScanType = Static<typeof ScanType>

const artifact = '/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}'

export const scanOperations = {
  scanArtifact: {
    method: 'POST',
    path: `${artifact}/scan`,
    params: artifactParams,
    body: ScanType,
    bodyName: 'scanType',
    bodyOptional: true,
    status: 202,
    errors: [400, 401, 403, 404, 422, 500],
  },
  stopScanArtifact: {
    method: 'POST',
    path: `${artifact}/scan/stop`,
    params: artifactParams,
    body: ScanType,
    bodyName: 'scanType',
    status: 202,
    errors: [400, 401, 403, 404, 422, 500],
  },
  getReportLog: {
    method: 'GET',
    path: `${artifact}/scan/{report_id}/log`,
    params: shape(
      {
        project_name: Type.String(),
        repository_name: Type.String(),
        reference: Type.String(),
        report_id: Type.String(),
      },
      ['project_name', 'repository_name', 'reference', 'report_id'],
    ),
    status: 200,
    answer: Type.String(),
    produces: ['text/plain'],
    errors: [400, 401, 403, 404, 500],
  },
  getVulnerabilitiesAddition: {
    method: 'GET',
    path: `${artifact}/additions/vulnerabilities`,
    params: artifactParams,
    headers: shape({ ...acceptVulnerabilities }),
    status: 200,
    answer: Type.String(),
    answerHeaders: ['Content-Type'],
    errors: [400, 401, 403, 404, 500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
