import { RegistryError } from '@breakwater/oci'
import { findResult, type ScanResult } from '../../scanning/index.ts'
import type { Handler } from '../operation.ts'
import { requireArtifact } from './repository-access.ts'

/** GET …/scan/{report_id}/log: what the last scan did, as far as it is known. */
export const reportLog: Handler<'getReportLog'> = async (deps, input) => {
  const { artifact } = await requireArtifact(deps, input, 'scan:read')
  const result = await findResult(deps.pool, artifact.digest)
  const { report_id: id } = input.params
  if (result?.scan.id !== id) throw new RegistryError('NOT_FOUND', `report ${id} not found`)
  return { status: 200, headers: { 'Content-Type': 'text/plain' }, body: `${lines(result).join('\n')}\n` }
}

function lines({ scan, inventory }: ScanResult): string[] {
  const { requestedAt, startedAt, endedAt, state } = scan
  return [
    `${requestedAt.toISOString()} requested: ${scan.digest}`,
    ...(startedAt ? [`${startedAt.toISOString()} started`] : []),
    ...(scan.class ? [`content: ${scan.class}`] : []),
    ...(inventory?.os ? [`operating system: ${inventory.os.family} ${inventory.os.name}`] : []),
    ...(inventory ? [`packages: ${inventory.packages.length}`] : []),
    ...(inventory?.notCovered.map(({ type, path }) => `not covered: ${type} (${path})`) ?? []),
    ...(inventory?.partial.map((reason) => `incomplete: ${reason}`) ?? []),
    ...(scan.failure ? [`failure: ${scan.failure}`] : []),
    ...(endedAt ? [`${endedAt.toISOString()} ended: ${state}`] : [`state: ${state}`]),
  ]
}
