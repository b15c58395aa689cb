import { compare, explain, type Pep440Version } from '@renovatebot/pep440'
import { comparisons, holds, type RangeGrammar, rangeReader, type Test } from './range.ts'

/** A version of PEP 440, or with `.*` at its end all that begin as it does. */
interface PipVersion {
  readonly text: string
  readonly parts: Pep440Version
  readonly prefix: boolean
}

/** Undefined where the text is no version; `.*` is read in ranges only. */
function parsePip(written: string): PipVersion | undefined {
  const prefix = written.trim().endsWith('.*')
  const text = prefix ? written.trim().slice(0, -2) : written.trim()
  const parts = explain(text)
  return parts ? { text, parts, prefix } : undefined
}

/** Local parts (`+cu118`) don't count where a bound has none (PEP 440, version specifiers). */
function comparePip(a: PipVersion, b: PipVersion): number {
  return compare(b.parts.local ? a.text : a.parts.public, b.text)
}

const tests = comparisons(comparePip)
const equals: Test<PipVersion> = (version, bound) =>
  bound.prefix ? startsWith(version.parts, bound.parts, bound.parts.release.length) : comparePip(version, bound) === 0

/**
 * Pre-releases of 3.1 are below it, and have what 3.1 mends: PEP 440 leaves them out of `<3.1`, trivy takes them in unless
 * they have a local part.
 */
const below: Test<PipVersion> = (version, bound) =>
  compare(version.parts.public, bound.text) < 0 &&
  !(version.parts.local && isPre(version.parts) && !isPre(bound.parts) && sameBase(version.parts, bound.parts))
/** `>3.1` does not take in its post-releases or local versions. */
const above: Test<PipVersion> = (version, bound) =>
  compare(version.text, bound.text) > 0 &&
  !(isPost(version.parts) && !isPost(bound.parts) && sameBase(version.parts, bound.parts)) &&
  !(version.parts.local && sameBase(version.parts, bound.parts))
const compatible: Test<PipVersion> = (version, bound) =>
  bound.parts.release.length > 1 &&
  comparePip(version, bound) >= 0 &&
  startsWith(version.parts, bound.parts, bound.parts.release.length - 1)

const grammar: RangeGrammar<PipVersion> = {
  parse: parsePip,
  tests: new Map([
    ...tests,
    ['', equals],
    ['=', equals],
    ['==', equals],
    ['!=', (version, bound) => !equals(version, bound)],
    ['<', withoutPrefix(below)],
    ['>', withoutPrefix(above)],
    ['~=', withoutPrefix(compatible)],
    ['===', (version, bound) => version.text.toLowerCase() === bound.text.toLowerCase()],
  ]),
  version:
    'v?(?:[0-9]+!)?[0-9]+(?:\\.[0-9]+)*(?:[-_.]?(?:alpha|a|beta|b|preview|pre|c|rc)[-_.]?[0-9]*)?' +
    '(?:-[0-9]+|[-_.]?(?:post|rev|r)[-_.]?[0-9]*)?(?:[-_.]?dev[-_.]?[0-9]*)?(?:\\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?(?:\\.\\*)?',
  lenient: false,
}

const readRange = rangeReader(grammar)

/** Whether a version is in a range (PEP 440, pre-releases included); undefined where either can't be read. */
export function satisfiesPip(text: string, range: string): boolean | undefined {
  const version = text.trim().endsWith('*') ? undefined : parsePip(text)
  const everything = range.replace(/(^|\|\|)\s*\*\s*(?=$|\|\|)/g, '$1>=0.0.0')
  const parsed = version && readRange(everything)
  return parsed && holds(parsed, version)
}

function withoutPrefix(test: Test<PipVersion>): Test<PipVersion> {
  return (version, bound) => !bound.prefix && test(version, bound)
}

function startsWith(version: Pep440Version, bound: Pep440Version, length: number): boolean {
  if (version.epoch !== bound.epoch) return false
  return bound.release.slice(0, length).every((part, index) => (version.release[index] ?? 0) === part)
}

function sameBase(a: Pep440Version, b: Pep440Version): boolean {
  return compare(a.base_version, b.base_version) === 0
}

function isPre({ is_prerelease }: Pep440Version): boolean {
  return is_prerelease
}

function isPost({ is_postrelease }: Pep440Version): boolean {
  return is_postrelease
}
