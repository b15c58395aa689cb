import { Version } from '@renovatebot/ruby-semver/dist/ruby/version.js'
import { comparisons, holds, type RangeGrammar, rangeReader } from './range.ts'

const grammar: RangeGrammar<Version> = {
  parse: parseGem,
  tests: new Map([
    ...comparisons(compareGem),
    // A pre-release of the version after the last is not within it either.
    ['~>', (version, bound) => compareGem(version, bound) >= 0 && compareGem(version.release(), bound.bump()) < 0],
  ]),
  version: '[0-9]+(?:\\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?',
  lenient: false,
}

const readRange = rangeReader(grammar)

/** Undefined where the text is no version of a gem. */
function parseGem(text: string): Version | undefined {
  return text.trim() === '' ? undefined : (Version.create(text) ?? undefined)
}

/** Gem::Version's order. */
function compareGem(a: Version, b: Version): number {
  return a.compare(b)
}

/** Whether a version is in a range; undefined where either can't be read. */
export function satisfiesGem(text: string, range: string): boolean | undefined {
  const version = parseGem(text)
  const parsed = version && readRange(range)
  return parsed && holds(parsed, version)
}
