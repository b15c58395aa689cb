import { type Digest, RegistryError } from '@breakwater/oci'
import { type Artifact, referencesOf } from '../../artifacts/index.ts'
import { record } from '../../ledger/index.ts'
import { transaction } from '../../metadata/index.ts'
import { findScans, requestScan, type Scan, stopScan } from '../../scanning/index.ts'
import type { ApiDeps, HandlersOf } from '../operation.ts'
import { requireArtifact } from './repository-access.ts'
import { reportLog } from './scan-log.ts'
import { scannerName } from './scan-overview.ts'
import { getVulnerabilities } from './vulnerability-report.ts'

const accepted = { status: 202 } as const

/** After this time without an end a scan is asked for again, whatever became of it. In milliseconds. */
const forgotten = 10 * 60_000

export const scanHandlers: HandlersOf<
  'scanArtifact' | 'stopScanArtifact' | 'getReportLog' | 'getVulnerabilitiesAddition'
> = {
  getVulnerabilitiesAddition: getVulnerabilities,
  getReportLog: reportLog,

  async scanArtifact(deps, input) {
    const { artifact, ...place } = await requireArtifact(deps, input, 'scan:create')
    requireVulnerabilities(input.body)
    const digests = await scannable(deps, artifact)
    const scans = await findScans(deps.pool, digests)
    const running = [...scans.values()].some(isUnderWay)
    if (running) throw new RegistryError('CONFLICT', 'a previous scan process is Running')
    await transaction(deps.pool, async (tx) => {
      for (const digest of digests.toSorted()) await requestScan(tx, deps.jobs, { digest, lane: 'manual' })
      await record(tx, input.caller.actor, {
        projectId: place.projectId,
        action: 'scan.create',
        object: `${place.repository}@${artifact.digest}`,
      })
    })
    return accepted
  },

  async stopScanArtifact(deps, input) {
    const { artifact, ...place } = await requireArtifact(deps, input, 'scan:stop')
    requireVulnerabilities(input.body)
    const digests = await childrenOrSelf(deps, artifact)
    await transaction(deps.pool, async (tx) => {
      const stopped: Digest[] = []
      for (const digest of digests.toSorted()) if (await stopScan(tx, digest)) stopped.push(digest)
      if (stopped.length === 0) {
        throw new RegistryError('BAD_REQUEST', `no scan job for artifact digest=${artifact.digest}`)
      }
      await record(tx, input.caller.actor, {
        projectId: place.projectId,
        action: 'scan.stop',
        object: `${place.repository}@${artifact.digest}`,
      })
    })
    return accepted
  },
}

function requireVulnerabilities({ scan_type: type = 'vulnerability' }: { readonly scan_type?: string }): void {
  if (type === 'vulnerability') return
  throw new RegistryError('BAD_REQUEST', `the configured scanner ${scannerName} does not support scan type ${type}`)
}

/** An artifact, or the artifacts that an index lists. Throws for what is known not to run. */
async function scannable(deps: ApiDeps, artifact: Artifact): Promise<readonly Digest[]> {
  const digests = await childrenOrSelf(deps, artifact)
  const scans = await findScans(deps.pool, digests)
  const wanted = digests.filter((digest) => mayRun(scans.get(digest)))
  if (wanted.length > 0) return wanted
  throw new RegistryError(
    'BAD_REQUEST',
    `the configured scanner ${scannerName} does not support scanning artifact with mime type ${artifact.manifestMediaType}`,
  )
}

async function childrenOrSelf({ pool }: ApiDeps, artifact: Artifact): Promise<readonly Digest[]> {
  if (artifact.configDigest !== null) return [artifact.digest]
  const references = (await referencesOf(pool, [artifact])).get(artifact.id) ?? []
  return [...new Set(references.map(({ child }) => child))]
}

function mayRun(scan: Scan | undefined): boolean {
  return !(scan?.state === 'success' && (scan.class === 'evidence' || scan.class === 'data'))
}

function isUnderWay({ state, requestedAt }: Scan): boolean {
  return (state === 'pending' || state === 'running') && Date.now() - requestedAt.getTime() < forgotten
}
