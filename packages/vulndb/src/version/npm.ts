import { parse, Range } from 'semver'

const options = { includePrerelease: true, loose: true } as const

/** Whether a version is in a range (node-semver, pre-releases included); undefined where either can't be read. */
export function satisfiesNpm(text: string, range: string): boolean | undefined {
  const version = parse(text, options)
  if (version === null) return undefined
  try {
    return new Range(
      range
        .replaceAll(',', ' ')
        .replace(/=([<>])/g, '$1=')
        .replaceAll('==', '='),
      options,
    ).test(version)
  } catch {
    return undefined
  }
}
