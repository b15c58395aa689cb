/** Whether a version is within one bound of a range. */
export type Test<V> = (version: V, bound: V) => boolean

/** A range: alternatives, of which one must hold, each of clauses that must hold together. */
export type Range<V> = readonly (readonly Clause<V>[])[]

interface Clause<V> {
  readonly test: Test<V>
  readonly bound: V
}

/** How a kind of package writes its ranges. */
export interface RangeGrammar<V> {
  readonly parse: (text: string) => V | undefined
  /** By operator; the empty one stands for no operator. */
  readonly tests: ReadonlyMap<string, Test<V>>
  /** A version, unanchored and without groups. */
  readonly version: string
  /** Whether text between clauses that is none is passed over. */
  readonly lenient: boolean
}

/** The tests that every kind has. */
export function comparisons<V>(compare: (a: V, b: V) => number): ReadonlyMap<string, Test<V>> {
  const equal: Test<V> = (version, bound) => compare(version, bound) === 0
  const atLeast: Test<V> = (version, bound) => compare(version, bound) >= 0
  const atMost: Test<V> = (version, bound) => compare(version, bound) <= 0
  return new Map([
    ['', equal],
    ['=', equal],
    ['==', equal],
    ['!=', (version, bound) => !equal(version, bound)],
    ['>', (version, bound) => compare(version, bound) > 0],
    ['<', (version, bound) => compare(version, bound) < 0],
    ['>=', atLeast],
    ['=>', atLeast],
    ['<=', atMost],
    ['=<', atMost],
  ])
}

/** A reader of ranges of one kind: `||` is or, `,` and blanks are and. It answers undefined where it can't read one. */
export function rangeReader<V>(grammar: RangeGrammar<V>): (text: string) => Range<V> | undefined {
  const { parse, tests, version, lenient } = grammar
  // Longer operators first, so that `>=` is not read as `>`.
  const operators = [...tests.keys()].sort((a, b) => b.length - a.length).map((one) => one.replace(/[\^]/g, '\\$&'))
  const clause = new RegExp(`(${operators.join('|')})\\s*(${version})`, lenient ? 'gi' : 'giy')

  function readAlternative(text: string): Clause<V>[] | undefined {
    const clauses: Clause<V>[] = []
    clause.lastIndex = lenient ? 0 : skipDivider(text, 0, false)
    for (let found = clause.exec(text); found !== null; found = clause.exec(text)) {
      const [, operator = '', written = ''] = found
      const test = tests.get(operator)
      const bound = parse(written)
      if (test === undefined || bound === undefined) return undefined
      clauses.push({ test, bound })
      if (lenient) continue
      clause.lastIndex = skipDivider(text, clause.lastIndex, true)
      if (clause.lastIndex >= text.length) return clauses
    }
    return lenient && clauses.length > 0 ? clauses : undefined
  }

  return remembering((text) => {
    const alternatives = text.split('||').map(readAlternative)
    return alternatives.every((one) => one !== undefined) ? alternatives : undefined
  })
}

/** Ranges that are kept read; many versions of one package are asked for the same ones in a row. */
const mostRemembered = 2_000
/** Longer ones are read each time: a database may hold megabytes in the place of a range. */
const mostCharacters = 2_048

/** A reader that does not read the same text again and again. */
export function remembering<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const result = read(text)
    if (text.length > mostCharacters) return result
    if (known.size >= mostRemembered) known.clear()
    known.set(text, result)
    return result
  }
}

/** Whether one alternative holds. */
export function holds<V>(range: Range<V>, version: V): boolean {
  return range.some((clauses) => clauses.every(({ test, bound }) => test(version, bound)))
}

function skipDivider(text: string, start: number, comma: boolean): number {
  let at = start
  while (text[at] !== undefined && (text[at] ?? '').trim() === '') at += 1
  if (!comma || text[at] !== ',') return at
  return skipDivider(text, at + 1, false)
}
