import { recordAll, system } from '../ledger/index.ts'
import { type Db, type Pool, type Tx, transaction } from '../metadata/index.ts'
import { AnswerTable, type ShortMatch, VulnerabilityIds } from './answer-table.ts'
import { severityName, summarize } from './summary.ts'
import {
  currentGeneration,
  listScannedImages,
  listWorse,
  putSummaries,
  type ScannedImage,
  type SummaryRow,
  type Worsening,
} from './summary-queries.ts'

/** A new generation whose questions are all answered, and the one that it takes the place of. */
interface Succession {
  readonly generation: number
  readonly previous: number | undefined
}

/** Images that are counted between two looks at requests. */
const batch = 200

/** Counts every scanned image in a generation that nobody sees yet; never reads a layer. */
export async function prepareSummaries(pool: Pool, generation: number): Promise<void> {
  const succession = { generation, previous: await currentGeneration(pool) }
  const counting = await Counting.over(pool, succession)
  await eachBatch(pool, { ...succession, missing: false }, async (images) => {
    const rows = images.map((image) => counting.count(image))
    await transaction(pool, (tx) => putSummaries(tx, succession.generation, rows))
  })
}

/**
 * To be called in the transaction that makes the generation the current one, before that, while no scan can end: counts
 * what was scanned since, and records each artifact that became worse, once. Worse is one whose worst severity rises, or
 * that gets a vulnerability of high or critical severity which it did not have, or not as bad.
 */
export async function completeSummaries(tx: Tx, generation: number): Promise<void> {
  const succession = { generation, previous: await currentGeneration(tx) }
  const by = { ...succession, missing: true }
  const some = await listScannedImages(tx, by, undefined, 1)
  if (some.length > 0) {
    const counting = await Counting.over(tx, succession)
    await eachBatch(tx, by, (images) =>
      putSummaries(
        tx,
        generation,
        images.map((image) => counting.count(image)),
      ),
    )
  }
  await recordWorse(tx, generation)
}

async function eachBatch(
  db: Db,
  by: Parameters<typeof listScannedImages>[1],
  work: (images: readonly ScannedImage[]) => Promise<void>,
): Promise<void> {
  for (let last: ScannedImage | undefined; ; ) {
    const images = await listScannedImages(db, by, last?.digest, batch)
    if (images.length > 0) await work(images)
    if (images.length < batch) return
    last = images.at(-1)
  }
}

async function recordWorse(tx: Tx, generation: number): Promise<void> {
  for (let last: Awaited<ReturnType<typeof listWorse>>[number] | undefined; ; ) {
    const found = await listWorse(tx, generation, last, 1_000)
    const changes = found.map(({ projectId, repository, digest, worse }) => ({
      projectId,
      action: 'artifact.worse',
      object: `${repository}@${digest}`,
      detail: {
        digest,
        generation,
        before: severityName(worse.before),
        after: severityName(worse.after),
        vulnerabilities: worse.ids,
        count: worse.count,
      },
    }))
    if (changes.length > 0) await recordAll(tx, system, changes)
    if (found.length < 1_000) return
    last = found.at(-1)
  }
}

/** The severity from which on a new vulnerability makes an image worse, whatever it had: high. */
const grave = 3
/** Vulnerabilities that are named for an image. */
const mostNamed = 20

class Counting {
  readonly #ids: VulnerabilityIds
  readonly #now: AnswerTable
  readonly #before: AnswerTable | undefined
  /** For each vulnerability, the number of the image that had it last with a grave severity, by the generation before. */
  readonly #hadGrave: Int32Array
  readonly #named: Int32Array
  #images = 0

  static async over(db: Db, { generation, previous }: Succession): Promise<Counting> {
    const ids = new VulnerabilityIds()
    const before = previous === undefined ? undefined : await AnswerTable.load(db, previous, ids)
    return new Counting(ids, await AnswerTable.load(db, generation, ids), before)
  }

  constructor(ids: VulnerabilityIds, now: AnswerTable, before: AnswerTable | undefined) {
    this.#ids = ids
    this.#now = now
    this.#before = before
    this.#hadGrave = new Int32Array(ids.size)
    this.#named = new Int32Array(ids.size)
  }

  count({ digest, revision, questions, counted }: ScannedImage): SummaryRow {
    this.#images += 1
    let before = -1
    if (this.#before && counted) {
      for (const { id, severity } of this.#before.of(questions)) {
        before = Math.max(before, severity)
        if (severity >= grave) this.#hadGrave[id] = this.#images
      }
    }
    const found = [...this.#now.of(questions)]
    const summary = summarize(found)
    const fresh = found.filter((match) => this.#isNew(match)).map(({ id }) => this.#ids.textOf(id))
    const worse: Worsening = { before, after: summary.severity, ids: fresh.slice(0, mostNamed), count: fresh.length }
    const became = counted && (summary.severity > before || fresh.length > 0)
    return { digest, revision, summary, worse: became ? worse : undefined }
  }

  /** Once for each vulnerability of the image that is counted now. */
  #isNew({ id, severity }: ShortMatch): boolean {
    if (severity < grave || this.#hadGrave[id] === this.#images || this.#named[id] === this.#images) return false
    this.#named[id] = this.#images
    return true
  }
}
