import type { Rule } from './policy.ts'
import { type SeverityCounts, severityNames } from './severity.ts'

/**
 * Harbor's refusal, around what is the matter with the image: scripts and documentation look for it. `remedy`: what to
 * ask of the administrator.
 */
export function refusalSentence(rule: Pick<Rule, 'origin' | 'threshold'>, matter: string, remedy: string): string {
  const [policy, administrator] =
    rule.origin === 'project'
      ? ['configured policy', 'project administrator']
      : ['the policy of the whole registry', 'system administrator']
  const named = `'Prevent images with vulnerability severity of "${rule.threshold.name}" or higher from running.'`
  return `current image ${matter} cannot be pulled due to ${policy} in ${named} To continue with pull, please contact your ${administrator} ${remedy}`
}

/** `1 critical and 2 high vulnerabilities`: the worst first. */
export function countedVulnerabilities(counts: SeverityCounts): string {
  const parts = severityNames
    .toReversed()
    .flatMap((name) => (counts[name] === undefined ? [] : [`${counts[name]} ${name}`]))
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return `${enumerate(parts)} ${total === 1 ? 'vulnerability' : 'vulnerabilities'}`
}

/** `a, b and c`, and how many more where there are more than `most`. */
export function enumerate(items: readonly string[], most = 10): string {
  const shown = items.length > most ? [...items.slice(0, most), `${items.length - most} more`] : items
  if (shown.length < 2) return shown.join('')
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}

/** What somebody else wrote, in a sentence: no control characters, and not longer than a line. */
export function quoted(text: string, most = 160): string {
  const plain = text.replaceAll(/\p{Cc}/gu, ' ')
  return plain.length > most ? `${plain.slice(0, most - 1)}…` : plain
}
