import { compareDigits } from './digits.ts'

/** An rpm version: `[epoch:]version[-release]`. */
export interface RpmVersion {
  readonly epoch: number
  readonly version: string
  readonly release: string
}

/** Every text is a version to rpm; an epoch that is no number counts as none. */
export function parseRpm(text: string): RpmVersion {
  const colon = text.indexOf(':')
  const epoch = colon < 0 ? '' : text.slice(0, colon).trim()
  const rest = text.slice(colon + 1)
  const dash = rest.indexOf('-')
  return {
    epoch: /^\d+$/.test(epoch) ? Number(epoch) : 0,
    version: dash < 0 ? rest : rest.slice(0, dash),
    release: dash < 0 ? '' : rest.slice(dash + 1),
  }
}

/** As trivy shows it: without an epoch of 0. */
export function formatRpm({ epoch, version, release }: RpmVersion): string {
  return `${epoch > 0 ? `${epoch}:` : ''}${version}${release === '' ? '' : `-${release}`}`
}

/** Epoch, version and release, each by `rpmvercmp`. */
export function compareRpm(a: RpmVersion, b: RpmVersion): number {
  return a.epoch - b.epoch || compareRpmPart(a.version, b.version) || compareRpmPart(a.release, b.release)
}

/**
 * rpmvercmp: runs of letters, of digits, `~` and `^`; all else only divides. `~` comes before the end, `^` after it but
 * before any further run.
 */
function compareRpmPart(a: string, b: string): number {
  const left = a.match(segmentPattern) ?? []
  const right = b.match(segmentPattern) ?? []
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = compareSegments(left[index], right[index])
    if (order !== 0) return order
  }
  return 0
}

const segmentPattern = /[a-zA-Z]+|[0-9]+|[~^]/g

function compareSegments(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  const ranks = rank(a) - rank(b)
  if (ranks !== 0 || a === undefined || b === undefined) return ranks
  return rank(a) === numberRank ? compareDigits(a, b) : a < b ? -1 : 1
}

const numberRank = 4

function rank(segment: string | undefined): number {
  if (segment === '~') return 0
  if (segment === undefined) return 1
  if (segment === '^') return 2
  return /^[0-9]/.test(segment) ? numberRank : 3
}
