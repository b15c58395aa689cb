/** One imported vulnerability database. */
export interface Generation {
  readonly id: number
  /** Of the artifact or file that it came from. */
  readonly digest: string
  /** `oci:REF` or `file:PATH`. */
  readonly source: string
  /** By its builder: what its age counts from. */
  readonly builtAt: Date
  /** When its builder meant to have the next one. */
  readonly nextUpdate: Date | undefined
  readonly importedAt: Date
  /** Advisories by bucket. */
  readonly counts: Readonly<Record<string, number>>
}

/** How far a database may be trusted to know of what is new (gate.md G9). */
export type Freshness = 'fresh' | 'alert' | 'stale'

const hour = 60 * 60_000
const alertAfter = 24 * hour
const staleAfter = 7 * 24 * hour

export function freshness({ builtAt }: Pick<Generation, 'builtAt'>, now: Date): Freshness {
  const age = now.getTime() - builtAt.getTime()
  if (age > staleAfter) return 'stale'
  return age > alertAfter ? 'alert' : 'fresh'
}
