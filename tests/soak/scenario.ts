/** Figures that a scenario found: what it did, how much, how long, the most memory. */
export type Figures = Readonly<Record<string, number | string>>

/** One soak. `run` throws what went wrong; `scale` 1 is the full size, 0.1 a tenth of it. */
export interface Scenario {
  readonly name: string
  readonly about: string
  readonly run: (scale: number) => Promise<Figures>
}

/** `count` at this scale, at least one. */
export function scaled(count: number, scale: number): number {
  return Math.max(1, Math.round(count * scale))
}
