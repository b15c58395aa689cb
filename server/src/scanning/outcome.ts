import { inventoryFormat } from '@breakwater/inventory'
import type { Digest } from '@breakwater/oci'
import { questionOf } from '@breakwater/vulndb'
import { type Pool, transaction } from '../metadata/index.ts'
import type { Finding, VulnDatabase } from '../vulndb/index.ts'
import { distinctQuestions, findIn, withoutRepeats } from './findings.ts'
import { endScan, type Outcome } from './queries.ts'
import type { ManifestReading } from './reading-of-manifest.ts'
import { type Summary, summarize } from './summary.ts'
import { putSummaries } from './summary-queries.ts'

export interface OutcomeDeps {
  readonly pool: Pool
  readonly vulndb: Pick<VulnDatabase, 'current' | 'register' | 'answers'>
}

/**
 * Ends a scan with what was read, and counts its findings in the database that is in use. That is held while both are
 * written, so no scan falls between two databases. What somebody else made of the scan meanwhile stays.
 */
export async function keepReading(
  deps: OutcomeDeps,
  digest: Digest,
  revision: number,
  reading: ManifestReading,
): Promise<void> {
  const { pool, vulndb } = deps
  const questions = await askAbout(deps, reading)
  const outcome: Outcome = {
    state: reading.class === 'image' && reading.failure !== undefined ? 'error' : 'success',
    class: reading.class,
    failure: reading.failure,
    inventory: reading.inventory,
    questions,
    format: inventoryFormat,
  }
  for (let kept = false; !kept; ) {
    const generation = (await vulndb.current(pool))?.id
    const summary = generation === undefined ? undefined : await summaryOf(deps, generation, outcome)
    kept = await transaction(pool, async (tx) => {
      await vulndb.register(tx, []) // holds the generation in use
      // Another took its place before that: count again.
      if ((await vulndb.current(tx))?.id !== generation) return false
      const ended = await endScan(tx, digest, revision, outcome)
      if (ended && generation !== undefined && summary) {
        await putSummaries(tx, generation, [{ digest, revision: revision + 1, summary }])
      }
      return true
    })
  }
}

/** Asks the questions about an image's packages, so that every database from now on answers them. */
async function askAbout({ pool, vulndb }: OutcomeDeps, { inventory }: ManifestReading): Promise<Outcome['questions']> {
  if (!inventory) return undefined
  const { packages } = inventory
  const questions = packages.map((one) => questionOf(one, inventory))
  const ids = await transaction(pool, (tx) => vulndb.register(tx, questions))
  return withoutRepeats(packages, ids)
}

async function summaryOf(
  { vulndb }: OutcomeDeps,
  generation: number,
  { inventory, questions }: Outcome,
): Promise<Summary | undefined> {
  if (!inventory || !questions) return undefined
  const answers: ReadonlyMap<number, readonly Finding[]> = await vulndb.answers(
    generation,
    distinctQuestions(questions),
  )
  const found = [...findIn({ inventory, questions }, answers)]
  return summarize(found.map(({ finding }) => ({ severity: finding.severity, fixable: finding.fixedVersion !== '' })))
}
