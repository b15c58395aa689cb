import type { Generation } from '../vulndb/index.ts'
import { type Opinion, reason } from './opinion.ts'
import type { Rule } from './policy.ts'

const day = 24 * 60 * 60_000

/** Milliseconds after which a database says nothing about what is new (gate.md G9). */
const databaseLimit = 7 * day

/**
 * What its age says. What the registry had while the database was not too old was as good then as it is now, since
 * neither has changed: it stays, marked, so that a mirror that has stopped does not stop whoever runs.
 */
export function judgeDatabase(
  rule: Rule,
  { builtAt }: Pick<Generation, 'builtAt'>,
  knownSince: Date,
  now: Date,
): Opinion {
  const limit = new Date(builtAt.getTime() + databaseLimit)
  if (now <= limit) return { reasons: [], notes: [], ends: [limit] }
  const days = Math.floor((now.getTime() - builtAt.getTime()) / day)
  const old = `a vulnerability database that is ${days} days old (built ${builtAt.toISOString().slice(0, 10)})`
  if (knownSince <= limit && !rule.staleDeny) {
    const sentence = `Stale: it was checked against ${old}; it was here before that became too old, and so it stays.`
    return { reasons: [], notes: [{ code: 'stale', sentence }], ends: [] }
  }
  const { breakGlass } = rule
  if (breakGlass && now < breakGlass.until) {
    const sentence = `Break-glass by ${breakGlass.by} until ${breakGlass.until.toISOString()}: ${breakGlass.reason}. It was checked against ${old}.`
    return { reasons: [], notes: [{ code: 'break-glass', sentence }], ends: [breakGlass.until] }
  }
  const found = reason(rule, 'database-too-old', `checked against ${old}`, {
    ask: 'to update the vulnerability database.',
    remedy: 'Import a newer vulnerability database (breakwater vulndb update), or break the glass for a day.',
  })
  return { reasons: [found], notes: [], ends: [] }
}
