import { createHash } from 'node:crypto'
import type { Question } from '@breakwater/vulndb'
import type { Tx } from '../metadata/index.ts'
import { holdGeneration } from './queries.ts'
import { findQuestionIds, insertQuestions, type KeyedQuestion } from './question-queries.ts'

/**
 * Ids of questions, in their order, null where none is asked; equal questions have one id for ever. Until `tx` ends the
 * current generation stays what it is, so that what the transaction writes about it is true when it is seen.
 */
export async function register(tx: Tx, questions: readonly (Question | undefined)[]): Promise<(number | null)[]> {
  await holdGeneration(tx)
  const keyed = questions.map((question) => question && keyOf(question))
  const distinct = new Map(keyed.flatMap((one) => (one ? [[one.key.toString('hex'), one] as const] : [])))
  const keys = [...distinct.values()].map(({ key }) => key)
  const known = await findQuestionIds(tx, keys)
  const missing = [...distinct].flatMap(([hex, one]) => (known.has(hex) ? [] : [one]))
  if (missing.length > 0) {
    await insertQuestions(tx, missing)
    for (const [hex, id] of await findQuestionIds(
      tx,
      missing.map(({ key }) => key),
    )) {
      known.set(hex, id)
    }
  }
  return keyed.map((one) => (one ? (known.get(one.key.toString('hex')) ?? null) : null))
}

function keyOf(question: Question): KeyedQuestion {
  const text = canonical(question)
  return { key: createHash('sha256').update(text).digest(), text }
}

/** JSON that does not depend on the order of keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
