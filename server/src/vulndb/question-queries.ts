import type { Question } from '@breakwater/vulndb'
import type { Db, Tx } from '../metadata/index.ts'
import type { Finding } from './finding.ts'

export interface KeyedQuestion {
  /** SHA-256 of the question as it is kept. */
  readonly key: Buffer
  /** JSON. */
  readonly text: string
}

export async function findQuestionIds(db: Db, keys: readonly Buffer[]): Promise<Map<string, number>> {
  const { rows } = await db.query<{ key: string; id: number }>({
    name: 'vulndb-question-ids',
    text: `select encode(key, 'hex') as key, id from package_question where key = any($1)`,
    values: [keys],
  })
  return new Map(rows.map(({ key, id }) => [key, id]))
}

/** Those that are there already stay as they are. In the order of keys, so that two transactions don't wait for each other. */
export async function insertQuestions(tx: Tx, questions: readonly KeyedQuestion[]): Promise<void> {
  const ordered = [...questions].sort((a, b) => a.key.compare(b.key))
  await tx.query({
    name: 'vulndb-insert-questions',
    text: `insert into package_question (key, question)
           select key, question from unnest($1::bytea[], $2::jsonb[]) as given (key, question)
           on conflict (key) do nothing`,
    values: [ordered.map(({ key }) => key), ordered.map(({ text }) => text)],
  })
}

export interface StoredQuestion {
  readonly id: number
  readonly question: Question
}

export async function findQuestions(db: Db, ids: readonly number[]): Promise<StoredQuestion[]> {
  const { rows } = await db.query<StoredQuestion>({
    name: 'vulndb-questions',
    text: 'select id, question from package_question where id = any($1)',
    values: [ids],
  })
  return rows
}

/** In the order of ids, after `last`. */
export async function listQuestions(db: Db, last: number, limit: number): Promise<StoredQuestion[]> {
  const { rows } = await db.query<StoredQuestion>({
    name: 'vulndb-questions-after',
    text: 'select id, question from package_question where id > $1 order by id limit $2',
    values: [last, limit],
  })
  return rows
}

/** Questions that a generation has no answer to. */
export async function listUnanswered(db: Db, generation: number, limit: number): Promise<StoredQuestion[]> {
  const { rows } = await db.query<StoredQuestion>(
    `select id, question from package_question q
     where not exists (select from package_answer where generation = $1 and question = q.id) limit $2`,
    [generation, limit],
  )
  return rows
}

export async function findAnswers(
  db: Db,
  generation: number,
  ids: readonly number[],
): Promise<Map<number, readonly Finding[]>> {
  const { rows } = await db.query<{ question: number; matches: readonly Finding[] }>({
    name: 'vulndb-answers',
    text: 'select question, matches from package_answer where generation = $1 and question = any($2)',
    values: [generation, ids],
  })
  return new Map(rows.map(({ question, matches }) => [question, matches]))
}

export async function insertAnswers(
  tx: Tx,
  generation: number,
  answers: ReadonlyMap<number, readonly Finding[]>,
): Promise<void> {
  const ordered = [...answers].sort(([a], [b]) => a - b)
  await tx.query({
    name: 'vulndb-insert-answers',
    text: `insert into package_answer (generation, question, matches)
           select $1, question, matches from unnest($2::bigint[], $3::jsonb[]) as given (question, matches)
           on conflict do nothing`,
    values: [generation, ordered.map(([id]) => id), ordered.map(([, found]) => JSON.stringify(found))],
  })
}
