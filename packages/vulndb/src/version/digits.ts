/** Compares runs of decimal digits of any length as numbers. */
export function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+/, '')
  const right = b.replace(/^0+/, '')
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0)
}
