/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** `file:line:column`, the name of a variable, or `default`. */
  readonly place: string
  /** Dotted key, or the variable's name when it belongs to no key. */
  readonly key: string
  readonly message: string
  readonly remedy: string
}

/** The configuration cannot be used; `problems` has all that is wrong, `message` says the same as text. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ place, key, message, remedy }) => {
      const where = place === key ? place : `${place}: ${key}`
      return `  ${where}: ${message}. ${remedy}`
    })
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`
    super([`The configuration has ${count}:`, ...lines].join('\n'))
    this.problems = problems
  }
}
