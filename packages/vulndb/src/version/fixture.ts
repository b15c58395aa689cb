import fc from 'fast-check'
import { parseDeb } from './deb.ts'

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

/** Checks that every text is equal to itself, and the reverse of a comparison its opposite. */
export function checkPairs(texts: fc.Arbitrary<string>, compare: (a: string, b: string) => number): void {
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      if (compare(a, a) !== 0) throw new Error(`${a} is not equal to itself`)
      if (Math.sign(compare(a, b)) + Math.sign(compare(b, a)) !== 0) throw new Error(`${a} and ${b} both ways`)
    }),
    { numRuns: 3_000 },
  )
}

/** Checks that an order of texts is one: beside what checkPairs says, no three are in a ring. */
export function checkOrder(texts: fc.Arbitrary<string>, compare: (a: string, b: string) => number): void {
  checkPairs(texts, compare)
  const sign = (a: string, b: string) => Math.sign(compare(a, b))
  fc.assert(
    fc.property(texts, texts, texts, (a, b, c) => {
      const [ab, bc, ac] = [sign(a, b), sign(b, c), sign(a, c)]
      if (ab <= 0 && bc <= 0 && ac > 0) throw new Error(`${a} <= ${b} <= ${c} < ${a}`)
      if (ab === 0 && bc === 0 && ac !== 0) throw new Error(`${a} = ${b} = ${c}, but not ${a} = ${c}`)
    }),
    { numRuns: 3_000 },
  )
}

/** Debian versions that dpkg too takes for such. */
export const debTexts = fc
  .tuple(
    fc.constantFrom('', '0:', '1:', '2:'),
    fc.nat({ max: 3 }),
    versionTexts(['.', '-', '+', '~', 'a', 'Z', 'deb', 'ubuntu', 'rc', '~~', '+b', '-0', ':']),
  )
  .map(([epoch, first, rest]) => `${epoch}${first}${rest}`)
  .filter((text) => parseDeb(text) !== undefined && !text.endsWith('-'))

/** Versions or releases of rpm. */
export const rpmTexts = versionTexts(['.', '+', '~', '^', 'a', 'Z', 'el8', '_', 'rc', '~~', '^^', '..'])
