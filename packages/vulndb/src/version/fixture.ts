import { spawnSync } from 'node:child_process'
import fc from 'fast-check'

/** Texts of versions that lie close together: pieces that orders treat apart, put side by side. */
export function versionTexts(pieces: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(fc.constantFrom(...pieces), fc.nat({ max: 12 }).map(String), fc.constantFrom('0', '00', '01'))
  return fc.array(piece, { minLength: 1, maxLength: 7 }).map((found) => found.join(''))
}

/** An order of texts, out of one of versions that were read; NaN where one is none. */
export function byText<V>(parse: (text: string) => V | undefined, compare: (a: V, b: V) => number) {
  return (a: string, b: string): number => {
    const [left, right] = [parse(a), parse(b)]
    return left === undefined || right === undefined ? Number.NaN : compare(left, right)
  }
}

/** Checks that an order of texts is one: each equal to itself, the reverse reversed, and no three in a ring. */
export function checkOrder(texts: fc.Arbitrary<string>, compare: (a: string, b: string) => number): void {
  const sign = (a: string, b: string) => Math.sign(compare(a, b))
  fc.assert(
    fc.property(texts, texts, texts, (a, b, c) => {
      const [ab, bc, ac] = [sign(a, b), sign(b, c), sign(a, c)]
      if (sign(a, a) !== 0) throw new Error(`${a} is not equal to itself`)
      if (ab !== -sign(b, a) && ab !== 0) throw new Error(`${a} and ${b} both ways`)
      if (ab <= 0 && bc <= 0 && ac > 0) throw new Error(`${a} <= ${b} <= ${c} < ${a}`)
      if (ab === 0 && bc === 0 && ac !== 0) throw new Error(`${a} = ${b} = ${c}, but not ${a} = ${c}`)
    }),
    { numRuns: 3_000 },
  )
}

/** Pairs that a reference order says something else of, `texts` taken two by two; undefined where the program is not there. */
export function differences(
  compare: (a: string, b: string) => number,
  pairs: readonly (readonly [string, string])[],
  [program, ...args]: readonly [string, ...string[]],
): string[] | undefined {
  const input = pairs.map(([a, b]) => `${a} ${b}\n`).join('')
  const run = spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: 1 << 26 })
  if (run.error !== undefined || run.status === 127 || run.stderr.includes("Can't locate")) return undefined
  if (run.status !== 0) throw new Error(run.stderr)
  const expected = run.stdout.trim().split(/\s+/).map(Number)
  return pairs.flatMap(([a, b], index) => (Math.sign(compare(a, b)) === expected[index] ? [] : [`${a} and ${b}`]))
}

/** Random pairs, many of them of near neighbours. */
export function samplePairs(texts: fc.Arbitrary<string>, count: number): (readonly [string, string])[] {
  return fc.sample(fc.tuple(texts, texts), count)
}
