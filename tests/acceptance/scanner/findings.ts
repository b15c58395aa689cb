/** What one scanner says of an image, each line a set of fields that both scanners have, joined by tabs. */
export interface Said {
  /** type, name, version, architecture, source and its version, path, package URL, layer. */
  readonly packages: readonly string[]
  /** type, package, installed version, path, vulnerability, fixed version, status, severity and its source, data source, vendor IDs. */
  readonly findings: readonly string[]
}

export interface Differences {
  readonly equal: number
  /** What only the other scanner says, then what only ours says, each line with `-` or `+` before it. */
  readonly different: readonly string[]
}

/** Compares as sets: both sort in their own way. */
export function compare(theirs: readonly string[], ours: readonly string[]): Differences {
  const [left, right] = [new Set(theirs), new Set(ours)]
  const missing = [...left].filter((line) => !right.has(line)).map((line) => `-${line}`)
  const extra = [...right].filter((line) => !left.has(line)).map((line) => `+${line}`)
  return { equal: left.size - missing.length, different: [...missing, ...extra].toSorted() }
}

/** One line of fields. */
export function line(...fields: readonly (string | undefined)[]): string {
  return fields.map((field) => field ?? '').join('\t')
}
