import { compareDigits } from './digits.ts'
import { comparisons, holds, type RangeGrammar, rangeReader } from './range.ts'

/**
 * The semver-like order that trivy uses for Go, Rust, PHP, .NET and others: any number of numeric parts, a pre-release
 * after `-` or straight after the number, build data after `+` that does not count.
 */
export interface GenericVersion {
  readonly segments: readonly bigint[]
  readonly preRelease: readonly string[]
}

const word = '[0-9A-Za-z~-]'
const numericPre = `-[0-9]${word}*(?:\\.${word}+)*`
const textPre = `-?[A-Za-z~-]${word}*(?:\\.${word}+)*`
const pattern = (group: '' | '?:') =>
  `v?(${group}[0-9]+(?:\\.[0-9]+)*)(${group}${numericPre}|${textPre})?(?:\\+${word}+(?:\\.${word}+)*)?`
const whole = new RegExp(`^${pattern('')}$`)

/** Undefined where the text is no version. */
export function parseGeneric(text: string): GenericVersion | undefined {
  const found = whole.exec(text)
  if (found === null) return undefined
  const [, numbers = '', preRelease = ''] = found
  // A long run of digits is no version of anything, and slow to read as a number.
  if (numbers.length > 256) return undefined
  const pre = preRelease.replace(/^-/, '')
  return { segments: numbers.split('.').map(BigInt), preRelease: pre === '' ? [] : pre.split('.') }
}

/** Missing parts count as 0; a pre-release is older than its release. */
export function compareGeneric(a: GenericVersion, b: GenericVersion): number {
  for (let index = 0; index < Math.max(a.segments.length, b.segments.length); index += 1) {
    const left = a.segments[index] ?? 0n
    const right = b.segments[index] ?? 0n
    if (left !== right) return left < right ? -1 : 1
  }
  if (a.preRelease.length === 0 || b.preRelease.length === 0) return b.preRelease.length - a.preRelease.length
  return comparePreReleases(a.preRelease, b.preRelease)
}

/** Numbers before words, each in their order; the shorter first where all is equal. */
function comparePreReleases(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const left = a[index] ?? ''
    const right = b[index] ?? ''
    if (left === right) continue
    const numbers = [left, right].map((one) => /^[0-9]+$/.test(one))
    if (numbers[0] && numbers[1]) {
      const order = compareDigits(left, right)
      if (order !== 0) return order
    } else if (numbers[0] !== numbers[1]) return numbers[0] ? -1 : 1
    else return left < right ? -1 : 1
  }
  return a.length - b.length
}

/** The first version above `~> bound`: the last part but one goes up. */
function pessimisticBump({ segments, preRelease }: GenericVersion): GenericVersion {
  const last = segments.length - 1
  if (last === 0) return { segments: [(segments[0] ?? 0n) + 1n], preRelease }
  return { segments: raise(segments, last - 1), preRelease: [] }
}

/** The first version above `~bound`. */
function tildeBump(version: GenericVersion): GenericVersion {
  if (version.segments.length === 2) return { ...version, segments: raise(version.segments, 1) }
  return pessimisticBump(version)
}

/** The first version above `^bound`: the first part that is not 0 goes up. */
function caretBump({ segments }: GenericVersion): GenericVersion {
  const first = segments.findIndex((segment) => segment !== 0n)
  return { segments: raise(segments, first < 0 ? segments.length - 1 : first), preRelease: [] }
}

function raise(segments: readonly bigint[], at: number): bigint[] {
  return segments.map((segment, index) => (index < at ? segment : index === at ? segment + 1n : 0n))
}

const within =
  (bump: (version: GenericVersion) => GenericVersion) =>
  (version: GenericVersion, bound: GenericVersion): boolean =>
    compareGeneric(version, bound) >= 0 && compareGeneric(version, bump(bound)) < 0

const grammar: RangeGrammar<GenericVersion> = {
  parse: parseGeneric,
  tests: new Map([
    ...comparisons(compareGeneric),
    ['~>', within(pessimisticBump)],
    ['~', within(tildeBump)],
    ['^', within(caretBump)],
  ]),
  version: pattern('?:'),
  lenient: true,
}

const readRange = rangeReader(grammar)

/** Whether a version is in a range; undefined where either can't be read. */
export function satisfiesGeneric(text: string, range: string): boolean | undefined {
  const version = parseGeneric(text)
  const parsed = version && readRange(range)
  return parsed && holds(parsed, version)
}
