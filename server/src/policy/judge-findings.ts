import type { PackageFinding } from '../scanning/index.ts'
import { type Opinion, reason } from './opinion.ts'
import type { Exception, Rule } from './policy.ts'
import { countedVulnerabilities, enumerate } from './sentence.ts'
import { countSeverities } from './severity.ts'
import type { Note } from './verdict.ts'

/** Ids that one reason names. */
const mostNamed = 100

/** Which findings count, and what keeps the others from counting. */
export function judgeFindings(rule: Rule, findings: readonly PackageFinding[], now: Date): Opinion {
  const counted: PackageFinding[] = []
  const waived = new Map<string, Exception | 'allowlist'>()
  let unfixed = 0
  for (const finding of findings) {
    if (finding.severity < rule.threshold.least) continue
    const waiver = waiverOf(rule, finding, now)
    if (waiver) waived.set(finding.id, waiver)
    else if (rule.ignoreUnfixed && finding.fixedVersion === '') unfixed += 1
    else counted.push(finding)
  }
  const waivers = [...waived.values()]
  const ends = waivers.flatMap((waiver) =>
    waiver === 'allowlist' ? (rule.allowlist.expiresAt ?? []) : waiver.expiresAt,
  )
  const notes = [...waiverNotes(rule, waived), ...unfixedNotes(rule, unfixed)]
  return { reasons: counted.length > 0 ? [vulnerable(rule, counted)] : [], notes, ends }
}

function waiverOf(rule: Rule, finding: PackageFinding, now: Date): Exception | 'allowlist' | undefined {
  const { allowlist } = rule
  const listed = allowlist.ids.has(finding.id) && (!allowlist.expiresAt || now < allowlist.expiresAt)
  if (listed) return 'allowlist'
  return rule.exceptions.find(
    (exception) =>
      exception.vulnerability === finding.id &&
      (exception.package === undefined || exception.package === finding.package) &&
      now < exception.expiresAt &&
      // It was granted for something less bad.
      finding.severity <= exception.severity,
  )
}

function waiverNotes(rule: Rule, waived: ReadonlyMap<string, Exception | 'allowlist'>): Note[] {
  const listed = [...waived].filter(([, waiver]) => waiver === 'allowlist').map(([id]) => id)
  const notes: Note[] = []
  if (listed.length > 0) notes.push({ code: 'waived', sentence: `On the CVE allowlist: ${enumerate(listed)}.` })
  for (const [id, waiver] of waived) {
    if (waiver === 'allowlist' || notes.length > mostNamed) continue
    const until = waiver.expiresAt.toISOString()
    const sentence = `${id} is excepted (${waiver.id}) by ${waiver.author} until ${until}: ${waiver.reason}`
    notes.push({
      code: 'waived',
      sentence: rule.origin === 'system' ? `${sentence} (for the whole registry)` : sentence,
    })
  }
  return notes
}

function unfixedNotes({ origin }: Rule, unfixed: number): Note[] {
  if (unfixed === 0) return []
  const noun = unfixed === 1 ? 'vulnerability' : 'vulnerabilities'
  return [{ code: 'unfixed', sentence: `${unfixed} ${noun} without a fix: the ${origin}'s policy ignores those.` }]
}

function vulnerable(rule: Rule, counted: readonly PackageFinding[]) {
  const counts = countSeverities(counted)
  const ids = [...new Set(counted.toSorted((a, b) => b.severity - a.severity).map(({ id }) => id))]
  const fixes = counted.some(({ fixedVersion }) => fixedVersion !== '')
  return reason(rule, 'vulnerable', `with ${countedVulnerabilities(counts)}`, {
    ask: 'to exempt matched vulnerabilities through configuring the CVE allowlist.',
    remedy: fixes
      ? 'Build it again with the fixed versions, or ask for an exception with a reason and an end.'
      : 'There is no fix yet: ask for an exception with a reason and an end.',
    counts,
    vulnerabilities: ids.slice(0, mostNamed),
  })
}
