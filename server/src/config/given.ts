import type { ConfigProblem } from './problem.ts'

/** A value as a source gives it, before it is checked. */
export interface Given {
  readonly key: string
  readonly value: unknown
  readonly place: string
}

/** What a source gives, and what is wrong with it. */
export interface Source {
  readonly given: readonly Given[]
  readonly problems: readonly ConfigProblem[]
}
