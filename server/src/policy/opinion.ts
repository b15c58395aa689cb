import type { Rule } from './policy.ts'
import { refusalSentence } from './sentence.ts'
import type { Note, Reason, ReasonCode } from './verdict.ts'

/** What one rule has to say about a part of the evidence. */
export interface Opinion {
  readonly reasons: readonly Reason[]
  readonly notes: readonly Note[]
  /** When something that it rests on ends; what has ended already does not count. */
  readonly ends: readonly Date[]
}

/**
 * `matter`: what is the matter with the image, after "current image". `ask`: what the sentence tells people to ask their
 * administrator; `remedy`: what that administrator, or they themselves, can do.
 */
export function reason(
  rule: Rule,
  code: ReasonCode,
  matter: string,
  { ask, remedy, ...more }: { ask: string; remedy: string } & Pick<Reason, 'counts' | 'vulnerabilities'>,
): Reason {
  const { origin, mode } = rule
  return { code, origin, enforced: mode === 'enforce', sentence: refusalSentence(rule, matter, ask), remedy, ...more }
}
