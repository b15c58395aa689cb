import type { Db } from '../metadata/index.ts'
import { listAnswers } from './summary-queries.ts'

/** One match of an answer. */
export interface ShortMatch {
  /** The vulnerability's place in the list of ids. */
  readonly id: number
  readonly severity: number
  readonly fixable: boolean
}

/** Vulnerabilities by number: every id is kept once for all tables. */
export class VulnerabilityIds {
  readonly #numbers = new Map<string, number>()
  readonly #texts: string[] = []

  numberOf(id: string): number {
    const known = this.#numbers.get(id)
    if (known !== undefined) return known
    this.#numbers.set(id, this.#texts.length)
    return this.#texts.push(id) - 1
  }

  textOf(number: number): string {
    return this.#texts[number] ?? ''
  }

  get size(): number {
    return this.#texts.length
  }
}

const batch = 2_000

/** The answers of a generation in few bytes each: some hundred thousand of them are in memory while images are counted. */
export class AnswerTable {
  /** For each question, its matches as numbers: id × 16 + severity × 2 + fixable. */
  readonly #matches = new Map<number, Int32Array>()

  static async load(db: Db, generation: number, ids: VulnerabilityIds): Promise<AnswerTable> {
    const table = new AnswerTable()
    for (let last = -1; ; ) {
      const answers = await listAnswers(db, generation, last, batch)
      for (const { question, matches } of answers) {
        const packed = matches.map(
          ([id, severity, fixable]) => ids.numberOf(id) * 16 + severity * 2 + (fixable ? 1 : 0),
        )
        table.#matches.set(question, Int32Array.from(packed))
      }
      last = answers.at(-1)?.question ?? last
      if (answers.length < batch) return table
    }
  }

  *of(questions: readonly (number | null)[]): Generator<ShortMatch> {
    for (const question of questions) {
      const matches = question === null ? undefined : this.#matches.get(question)
      if (!matches) continue
      for (const packed of matches) yield { id: packed >> 4, severity: (packed >> 1) & 7, fixable: (packed & 1) === 1 }
    }
  }
}
