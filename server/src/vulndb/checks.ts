import type { Generation } from './generation.ts'
import { ImportRefused } from './refusal.ts'

/** Two clocks may differ by this much. */
const skewMs = 5 * 60_000
/** The share of advisories that may be missing from a newer database. */
const bearableLoss = 0.05

/** What can be said before a database is read (gate.md G9). Throws ImportRefused. */
export function checkAge(
  { builtAt }: Pick<Generation, 'builtAt'>,
  current: Pick<Generation, 'builtAt'> | undefined,
  { force, now }: { readonly force: boolean; readonly now: Date },
): void {
  if (builtAt.getTime() > now.getTime() + skewMs) {
    const problem = `The database says that it was built at ${builtAt.toISOString()}, which is in the future`
    throw new ImportRefused(`${problem}: its age would say nothing. Check the clocks here and where it comes from.`)
  }
  if (current && builtAt < current.builtAt && !force) {
    const problem = `was built at ${builtAt.toISOString()}, before the one in use (${current.builtAt.toISOString()})`
    throw new ImportRefused(`The database ${problem}. Import it with --force if that is what you want.`)
  }
}

/** Whether a newer database knows what the one in use knows: sources by name, advisories by number. Throws ImportRefused. */
export function checkLoss(counts: Generation['counts'], current: Generation['counts'], force: boolean): void {
  if (force) return
  const lost = Object.keys(current).filter((bucket) => (current[bucket] ?? 0) > 0 && !counts[bucket])
  if (lost.length > 0) {
    const named = `${lost.slice(0, 5).join(', ')}${lost.length > 5 ? ` and ${lost.length - 5} more` : ''}`
    throw new ImportRefused(
      `The database says nothing of ${named}, which the one in use knows. Import it with --force if that is what you want.`,
    )
  }
  const [before, after] = [total(current), total(counts)]
  if (after < before * (1 - bearableLoss)) {
    const share = Math.round((1 - after / before) * 100)
    throw new ImportRefused(
      `The database has ${after} advisories, ${share} % fewer than the one in use (${before}). Import it with --force if that is what you want.`,
    )
  }
}

export function total(counts: Generation['counts']): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
