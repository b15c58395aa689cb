/** The value below which `share` (0 to 1) of the ascending `sorted` lies. Throws on no values. */
export function percentile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  if (value === undefined) throw new Error('a percentile needs at least one value')
  return value
}

/** The middle value; the mean of the middle two for an even count. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = (sorted.length - 1) / 2
  return (percentileAt(sorted, Math.floor(half)) + percentileAt(sorted, Math.ceil(half))) / 2
}

function percentileAt(sorted: readonly number[], index: number): number {
  const value = sorted[index]
  if (value === undefined) throw new Error('a median needs at least one value')
  return value
}

/** How far the values lie apart, as a share of their median (0.1 = ten percent). */
export function spread(values: readonly number[]): number {
  const middle = median(values)
  return middle === 0 ? 0 : (Math.max(...values) - Math.min(...values)) / middle
}
