/** Numbers that look random and are the same for the same seed (mulberry32). */
export interface Randomness {
  /** From 0 to below `bound`. */
  readonly below: (bound: number) => number
  /** One of these. Throws on none. */
  readonly pick: <T>(items: readonly T[]) => T
}

export function createRandomness(seed: number): Randomness {
  let state = seed >>> 0
  const below = (bound: number) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }
  return {
    below,
    pick(items) {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('there is nothing to pick from')
      return item
    },
  }
}
