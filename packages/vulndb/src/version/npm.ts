import { parse, Range } from 'semver'
import { remembering } from './range.ts'

/**
 * Whether a version is in a range (node-semver, pre-releases included); undefined where either can't be read. Versions
 * are read loosely, as npm installs such; ranges strictly, since read loosely what is unclear in them would be left out.
 */
export function satisfiesNpm(text: string, range: string): boolean | undefined {
  const version = parse(text, { loose: true })
  const alternatives = version && readRange(range)
  return alternatives ? alternatives.some((one) => one.test(version)) : undefined
}

const readRange = remembering((range: string): Range[] | undefined => {
  const written = range
    .replaceAll(',', ' ')
    .replace(/=([<>])/g, '$1=')
    .replaceAll('==', '=')
  try {
    return written.split('||').map((alternative) => new Range(alternative, { includePrerelease: true }))
  } catch {
    return undefined
  }
})
