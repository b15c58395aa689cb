import { compareDigits } from './digits.ts'
import { comparisons, holds, type Range, type RangeGrammar, rangeReader } from './range.ts'

/** Maven's order (its version order specification): numbers, words, and lists after `-` and where the two meet. */
export type MavenVersion = readonly Item[]

type Item = { readonly number: string } | { readonly word: string } | { readonly list: MavenVersion }

const qualifiers = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp']
const aliases: ReadonlyMap<string, string> = new Map([
  ['ga', ''],
  ['final', ''],
  ['release', ''],
  ['cr', 'rc'],
])
const shortForms: ReadonlyMap<string, string> = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
])
/** Lists nest with every change between digits and letters; longer texts are no versions. */
const mostCharacters = 256

/** Undefined where the text is empty or far too long: any other is a version to Maven. */
export function parseMaven(text: string): MavenVersion | undefined {
  const written = text.trim().toLowerCase()
  if (written === '' || written.length > mostCharacters) return undefined
  const tokens = written.match(/[0-9]+|[^0-9.-]+|[.-]/g) ?? []
  return readItems(tokens, 0)
}

function readItems(tokens: readonly string[], start: number): MavenVersion {
  const items: Item[] = []
  let expected = true
  for (let index = start; index < tokens.length; index += 1) {
    const token = tokens[index] ?? ''
    if (token === '.' || token === '-') {
      if (expected) items.push({ number: '0' })
      expected = true
      if (token === '-') return withList(items, readItems(tokens, index + 1))
    } else {
      const isWord = !/^[0-9]/.test(token)
      // Digits met letters, or a word after a dot, which counts as one after a hyphen.
      if (!expected || (isWord && items.length > 0)) return withList(items, readItems(tokens, index))
      items.push(itemOf(token, tokens[index + 1]))
      expected = false
    }
  }
  return withoutNulls(items)
}

function withList(items: Item[], list: MavenVersion): MavenVersion {
  return withoutNulls([...items, { list }])
}

function itemOf(token: string, next: string | undefined): Item {
  if (/^[0-9]/.test(token)) return { number: token }
  const long = next !== undefined && /^[0-9]/.test(next) ? (shortForms.get(token) ?? token) : token
  return { word: aliases.get(long) ?? long }
}

/** Trailing items that say nothing (0, final, an empty list) are left out, also those before a list. */
function withoutNulls(items: readonly Item[]): MavenVersion {
  const kept = [...items]
  for (let index = kept.length - 1; index >= 0; index -= 1) {
    const item = kept[index]
    if (item === undefined) break
    if (isNull(item)) kept.splice(index, 1)
    else if (!('list' in item)) break
  }
  return kept
}

function isNull(item: Item): boolean {
  if ('number' in item) return /^0+$/.test(item.number)
  return 'word' in item ? item.word === '' : item.list.length === 0
}

/** What is missing counts as nothing: 1 is 1.0, and 1-sp is newer than 1. */
export function compareMaven(a: MavenVersion, b: MavenVersion): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const left = a[index]
    const right = b[index]
    const order = left !== undefined ? compareItems(left, right) : right !== undefined ? -compareItems(right, left) : 0
    if (order !== 0) return order
  }
  return 0
}

/** Words come before lists, lists before numbers. */
function compareItems(a: Item, b: Item | undefined): number {
  if (b === undefined) return compareToNothing(a)
  if ('number' in a) return 'number' in b ? compareDigits(a.number, b.number) : 1
  if ('word' in a) return 'word' in b ? compareWords(a.word, b.word) : -1
  if ('list' in b) return compareMaven(a.list, b.list)
  return 'number' in b ? -1 : 1
}

function compareToNothing(item: Item): number {
  if ('number' in item) return isNull(item) ? 0 : 1
  if ('word' in item) return compareWords(item.word, '')
  return compareMaven(item.list, [])
}

/** Words that are no qualifiers come after them, in alphabetical order. */
function compareWords(a: string, b: string): number {
  const left = qualifiers.indexOf(a)
  const right = qualifiers.indexOf(b)
  if (left >= 0 && right >= 0) return left - right
  if (left >= 0 || right >= 0) return left >= 0 ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

const grammar: RangeGrammar<MavenVersion> = {
  parse: parseMaven,
  tests: comparisons(compareMaven),
  version: '[0-9A-Za-z~.-]+',
  lenient: false,
}
const readRange = rangeReader(grammar)

/** Whether a version is in a range, of operators or Maven's own (`[1.0,2.0)`); undefined where either can't be read. */
export function satisfiesMaven(text: string, range: string): boolean | undefined {
  const version = parseMaven(text)
  const parsed = version && (readRange(range) ?? readIntervals(range))
  return parsed && holds(parsed, version)
}

/** `[a,b)`, `(,b]`, `[a]`: any of several holds. */
function readIntervals(text: string): Range<MavenVersion> | undefined {
  const intervals = [...text.replace(/\s/g, '').matchAll(/([[(])([^[\]()]*)([\])])/g)]
  if (intervals.length === 0) return undefined
  const alternatives = intervals.map(([, open = '', inside = '', close = '']) => readInterval(open, inside, close))
  return alternatives.every((one) => one !== undefined) ? alternatives : undefined
}

function readInterval(open: string, inside: string, close: string): Range<MavenVersion>[number] | undefined {
  const bounds = inside.split(',')
  if (bounds.length > 2) return undefined
  const written =
    bounds.length === 1
      ? [['=', inside] as const]
      : [[open === '[' ? '>=' : '>', bounds[0] ?? ''] as const, [close === ']' ? '<=' : '<', bounds[1] ?? ''] as const]
  const clauses = written
    .filter(([, bound]) => bound !== '')
    .map(([operator, bound]) => ({ test: grammar.tests.get(operator), bound: parseMaven(bound) }))
  if (bounds.length === 1 && clauses.length === 0) return undefined
  return clauses.flatMap(({ test, bound }) => (test !== undefined && bound !== undefined ? [{ test, bound }] : []))
}
