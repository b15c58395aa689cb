import type { Extent, JoinLimits } from './bucket.ts'

/** What becomes one piece of a new object: one extent that the store copies itself, or bytes of several, sent again. */
export interface Piece {
  readonly extents: readonly Extent[]
  /** In bytes. */
  readonly length: number
  readonly copied: boolean
}

/** Bytes that are sent again in one piece, about. */
const mergedSize = 8 << 20

/** Cuts the extents of a new object into pieces that its store takes, in order, with as little as possible sent again. */
export function planJoin(extents: readonly Extent[], { copies, smallest }: JoinLimits): Piece[] {
  const pieces: Piece[] = []
  let merging: Extent[] = []
  const flush = () => {
    if (merging.length > 0) pieces.push({ extents: merging, length: lengthOf(merging), copied: false })
    merging = []
  }
  for (const [index, extent] of extents.entries()) {
    const large = extent.length >= smallest || index === extents.length - 1
    const copied = large && (copies === 'ranges' || (copies === 'whole' && extent.whole))
    const merged = lengthOf(merging)
    if (copied && (merged === 0 || merged >= smallest)) {
      flush()
      pieces.push({ extents: [extent], length: extent.length, copied })
    } else {
      merging.push(extent)
      if (lengthOf(merging) >= mergedSize) flush()
    }
  }
  flush()
  return pieces
}

export function lengthOf(extents: readonly Extent[]): number {
  return extents.reduce((sum, { length }) => sum + length, 0)
}
