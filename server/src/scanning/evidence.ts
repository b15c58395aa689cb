import type { ImageInventory } from '@breakwater/inventory'
import type { Digest } from '@breakwater/oci'
import { uncoveredOf } from '@breakwater/vulndb'
import type { Db } from '../metadata/index.ts'
import type { Finding, Generation, VulnDatabase } from '../vulndb/index.ts'
import { distinctQuestions, type Found, findIn } from './findings.ts'
import { findResult } from './queries.ts'
import type { ScanEvidence } from './scan.ts'

export interface EvidenceDeps {
  readonly pool: Db
  readonly vulndb: Pick<VulnDatabase, 'current' | 'answers'>
}

const nothing: Omit<ScanEvidence, 'generation'> = {
  revision: 0,
  state: 'none',
  class: undefined,
  failure: undefined,
  partial: [],
  notCovered: [],
  findings: [],
  scannedAt: undefined,
}

/** What is known about a manifest, with the findings of the database that is in use now. */
export async function evidenceOf(deps: EvidenceDeps, digest: Digest): Promise<ScanEvidence> {
  const [generation, result] = await Promise.all([deps.vulndb.current(deps.pool), findResult(deps.pool, digest)])
  if (!result) return { ...nothing, generation }
  const { scan, inventory } = result
  const found = await foundIn(deps, generation, result)
  return {
    revision: scan.revision,
    state: scan.state,
    class: scan.class ?? undefined,
    failure: scan.failure ?? undefined,
    partial: inventory?.partial ?? [],
    notCovered: inventory ? notCoveredIn(inventory, generation) : [],
    generation,
    findings: found.map(({ package: { name, version }, finding }) => {
      const { id, severity, fixedVersion, status } = finding
      return { id, package: name, version, severity, fixedVersion, status }
    }),
    scannedAt: scan.endedAt ?? undefined,
  }
}

/** Kinds of packages that can't be read, and those that the database knows nothing of. */
function notCoveredIn(inventory: ImageInventory, generation: Generation | undefined): string[] {
  const unread = inventory.notCovered.map(({ type }) => type)
  const unknown = generation ? uncoveredOf(inventory, Object.keys(generation.counts)).map(({ type }) => type) : []
  return [...new Set([...unread, ...unknown])]
}

/** All findings of a scan that has succeeded, in the order of its packages; none without a database. */
export async function foundIn(
  { vulndb }: EvidenceDeps,
  generation: Generation | undefined,
  { scan, inventory, questions }: NonNullable<Awaited<ReturnType<typeof findResult>>>,
): Promise<Found[]> {
  if (!generation || scan.state !== 'success' || !inventory || !questions) return []
  const answers: ReadonlyMap<number, readonly Finding[]> = await vulndb.answers(
    generation.id,
    distinctQuestions(questions),
  )
  return [...findIn({ inventory, questions }, answers)]
}
