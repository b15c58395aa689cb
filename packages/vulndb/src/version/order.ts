/** Below 0 where `a` is the older, above where it is the newer, 0 where neither is. */
export type Compare = (a: string, b: string) => number

/** Compares runs of decimal digits of any length as numbers. */
export function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+/, '')
  const right = b.replace(/^0+/, '')
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0)
}
