import type { Vulnerability } from '@breakwater/vulndb'
import { LRUCache } from 'lru-cache'
import { type Pool, type Tx, transaction } from '../metadata/index.ts'
import { findVulnerabilities } from './advisory-queries.ts'
import { answerBatch } from './answer.ts'
import type { Finding } from './finding.ts'
import type { Generation } from './generation.ts'
import { factsOf, type GenerationFacts } from './loaded-advisories.ts'
import { findGeneration } from './queries.ts'
import { findAnswers, findQuestions, insertAnswers, listQuestions, listUnanswered } from './question-queries.ts'

const batch = 1_000

export interface Answers {
  /** See VulnDatabase. */
  find(generation: number, ids: readonly number[]): Promise<Map<number, readonly Finding[]>>
  details(generation: number, ids: readonly string[]): Promise<Map<string, Vulnerability>>
}

export function createAnswers(pool: Pool): Answers {
  // What a generation is never changes.
  const facts = new LRUCache<number, GenerationFacts>({ max: 2 })

  async function factsFor(id: number): Promise<GenerationFacts> {
    const known = facts.get(id)
    if (known) return known
    const generation = await findGeneration(pool, id)
    if (!generation) throw new Error(`there is no generation ${id} of the vulnerability database any more`)
    const read = await factsOf(pool, generation)
    facts.set(id, read)
    return read
  }

  return {
    async find(generation, ids) {
      const known = await findAnswers(pool, generation, ids)
      const missing = ids.filter((id) => !known.has(id))
      for (let at = 0; at < missing.length; at += batch) {
        const questions = await findQuestions(pool, missing.slice(at, at + batch))
        const found = await answerBatch(pool, await factsFor(generation), questions)
        await transaction(pool, (tx) => insertAnswers(tx, generation, found))
        for (const [id, findings] of found) known.set(id, findings)
      }
      return known
    },
    details: (generation, ids) => findVulnerabilities(pool, generation, ids),
  }
}

/** Answers every known question by a generation that nobody uses yet, in the order of ids. */
export async function answerAll(
  pool: Pool,
  generation: Pick<Generation, 'id' | 'counts'>,
  onProgress: (answered: number) => void,
): Promise<void> {
  const facts = await factsOf(pool, generation)
  let answered = 0
  for (let last = 0; ; ) {
    const questions = await listQuestions(pool, last, batch)
    if (questions.length === 0) return
    const found = await answerBatch(pool, facts, questions)
    await transaction(pool, (tx) => insertAnswers(tx, generation.id, found))
    last = questions.at(-1)?.id ?? last
    answered += questions.length
    onProgress(answered)
  }
}

/** Answers what has been asked since, in the transaction that flips. */
export async function answerUnanswered(tx: Tx, generation: Pick<Generation, 'id' | 'counts'>): Promise<void> {
  const facts = await factsOf(tx, generation)
  for (;;) {
    const questions = await listUnanswered(tx, generation.id, batch)
    if (questions.length === 0) return
    await insertAnswers(tx, generation.id, await answerBatch(tx, facts, questions))
  }
}
