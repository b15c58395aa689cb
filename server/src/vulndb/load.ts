import { openVulnDb, type VulnDb } from '@breakwater/vulndb'
import { type Pool, type Tx, transaction } from '../metadata/index.ts'
import { insertDataSources } from './advisory-queries.ts'
import { answerAll } from './answers.ts'
import type { Generation } from './generation.ts'
import type { ImportProgress } from './import-queries.ts'
import { attachTables, copyInto, createTables } from './partition-queries.ts'
import { setCounts } from './queries.ts'
import { refusing } from './refusal.ts'

const tellEveryRows = 5_000

/** Fills a generation from the file: all of its advisories in one transaction, then the answers to every known question. */
export async function load(
  pool: Pool,
  { generation, path }: { readonly generation: number; readonly path: string },
  onProgress: (progress: ImportProgress) => void,
): Promise<Generation['counts']> {
  const counts: Record<string, number> = {}
  const tell = (stage: string, done: number) => onProgress({ stage, done, total: undefined })
  await refusing(() =>
    transaction(pool, async (tx) => {
      using database = openVulnDb(path)
      await createTables(tx, generation)
      await copyInto(tx, 'advisory_group', generation, watched(advisoryRows(database, counts), 'reading advisories'))
      await copyInto(tx, 'vulnerability', generation, watched(vulnerabilityRows(database), 'reading vulnerabilities'))
      await describeSources(tx, generation, database, counts)
      tell('indexing', 0)
      await attachTables(tx, generation)
    }),
  )
  await answerAll(pool, { id: generation, counts }, (done) => tell('matching', done))
  return counts

  function* watched(rows: Iterable<string[]>, stage: string): Generator<string[]> {
    let done = 0
    for (const row of rows) {
      if (done % tellEveryRows === 0) tell(stage, done)
      done += 1
      yield row
    }
  }
}

function* advisoryRows(database: VulnDb, counts: Record<string, number>): Generator<string[]> {
  for (const { bucket, name, advisories } of database.allGroups()) {
    counts[bucket] = (counts[bucket] ?? 0) + advisories.length
    yield [bucket, name, JSON.stringify(advisories)]
  }
}

function* vulnerabilityRows(database: VulnDb): Generator<string[]> {
  for (const { id, value } of database.allVulnerabilities()) yield [id, JSON.stringify(value)]
}

async function describeSources(
  tx: Tx,
  generation: number,
  database: VulnDb,
  counts: Generation['counts'],
): Promise<void> {
  await insertDataSources(tx, generation, [...database.allDataSources()])
  await setCounts(tx, generation, counts)
}
