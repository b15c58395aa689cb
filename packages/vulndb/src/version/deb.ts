import { compareDigits } from './digits.ts'

/** A Debian version (deb-version(7)): `[epoch:]upstream[-revision]`. */
export interface DebVersion {
  readonly epoch: number
  readonly upstream: string
  readonly revision: string
}

const upstreamPattern = /^\p{Nd}[\p{L}\p{Nd}.+~:_-]*$/u
const revisionPattern = /^[\p{L}\p{Nd}.+~_]*$/u

/** Undefined where the text is no version; `_` is let pass, as real databases have it. */
export function parseDeb(text: string): DebVersion | undefined {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/su.exec(text.trim()) ?? []
  if (rest.length === text.trim().length && rest.includes(':')) return undefined
  const dash = rest.lastIndexOf('-')
  const upstream = dash < 0 ? rest : rest.slice(0, dash)
  const revision = dash < 0 ? '' : rest.slice(dash + 1)
  if (!upstreamPattern.test(upstream) || !revisionPattern.test(revision)) return undefined
  return { epoch: Number(epoch), upstream, revision }
}

/** dpkg's order. */
export function compareDeb(a: DebVersion, b: DebVersion): number {
  return a.epoch - b.epoch || comparePart(a.upstream, b.upstream) || comparePart(a.revision, b.revision)
}

/** Runs of non-digits and of digits by turns, each compared as its kind. */
function comparePart(a: string, b: string): number {
  let left = 0
  let right = 0
  while (left < a.length || right < b.length) {
    while (nonDigitAt(a, left) || nonDigitAt(b, right)) {
      const order = weight(a, left) - weight(b, right)
      if (order !== 0) return order
      left += 1
      right += 1
    }
    const leftEnd = endOfDigits(a, left)
    const rightEnd = endOfDigits(b, right)
    const order = compareDigits(a.slice(left, leftEnd), b.slice(right, rightEnd))
    if (order !== 0) return order
    left = leftEnd
    right = rightEnd
  }
  return 0
}

/** `~` before the end, the end before letters, letters before all else. */
function weight(text: string, index: number): number {
  const character = text[index]
  if (character === undefined || isDigit(character)) return 0
  if (character === '~') return -1
  const code = text.charCodeAt(index)
  return /\p{L}/u.test(character) ? code : code + 256
}

function nonDigitAt(text: string, index: number): boolean {
  const character = text[index]
  return character !== undefined && !isDigit(character)
}

function endOfDigits(text: string, start: number): number {
  let end = start
  while (end < text.length && isDigit(text[end] ?? '')) end += 1
  return end
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9'
}
