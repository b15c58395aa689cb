import type { ScanEvidence } from '../scanning/index.ts'
import type { Evidence } from './evidence.ts'
import { judgeDatabase } from './judge-database.ts'
import { judgeFindings } from './judge-findings.ts'
import { judgeSigning } from './judge-signing.ts'
import { type Opinion, reason } from './opinion.ts'
import type { Policy, Rule } from './policy.ts'
import { enumerate, quoted } from './sentence.ts'
import type { Note, Reason, ReasonCode, Verdict } from './verdict.ts'

/** Grows when the same policy and evidence may be judged differently: stored verdicts then hold no more. */
export const judgeVersion = 2

/** A verdict is made anew after this long, whatever it rests on. */
const longest = 24 * 60 * 60_000

/**
 * The one place where policy and evidence become a verdict (invariant I4). Closed when unsure: what is not known to be
 * good is refused, with a reason of its own.
 */
export function judge(policy: Policy, evidence: Evidence, now: Date): Verdict {
  const opinions = [
    ...policy.signing.map((rule) => judgeSigning(rule, evidence, now)),
    ...policy.rules.map((rule) => judgeRule(rule, evidence, now)),
  ]
  const reasons = opinions.flatMap((opinion) => opinion.reasons).sort(byWeight)
  const ends = opinions.flatMap((opinion) => opinion.ends).filter((end) => end > now)
  return {
    allow: !reasons.some(({ enforced }) => enforced),
    reasons,
    notes: opinions.length === 0 ? [notGated] : distinct(opinions.flatMap((opinion) => opinion.notes)),
    notAfter: new Date(Math.min(now.getTime() + longest, ...ends.map((end) => end.getTime()))),
  }
}

const notGated: Note = { code: 'not-gated', sentence: 'No policy asks for anything here.' }

/** What is enforced comes before what only warns, and what a person can act on before what only waits. */
const weight: readonly ReasonCode[] = [
  'key-compromised',
  'signature-invalid',
  'wrong-signer',
  'key-expired',
  'too-few-signers',
  'unsigned',
  'no-trusted-key',
  'config-mismatch',
  'unknown-content',
  'vulnerable',
  'scan-failed',
  'scan-stopped',
  'unscanned',
  'no-database',
  'database-too-old',
  'partial-inventory',
  'not-covered',
  'scan-running',
]

function byWeight(a: Reason, b: Reason): number {
  return Number(b.enforced) - Number(a.enforced) || weight.indexOf(a.code) - weight.indexOf(b.code)
}

function distinct(notes: readonly Note[]): Note[] {
  return notes.filter((note, index) => notes.findIndex(({ sentence }) => sentence === note.sentence) === index)
}

function judgeRule(rule: Rule, evidence: Evidence, now: Date): Opinion {
  const { scan } = evidence
  if (scan.state !== 'success') return judgeUnfinished(rule, scan)
  switch (scan.class) {
    case 'evidence':
    case 'data':
      return passes(`Its content does not run: it is ${scan.class}, and was read to the end.`)
    case 'index':
      return passes('It is an index: what it lists is judged when that is pulled.')
    case 'image':
      return judgeImage(rule, evidence, now)
    case 'unknown':
    case undefined: {
      const why = scan.failure === undefined ? '' : ` (${quoted(scan.failure)})`
      return refuses(rule, 'unknown-content', `with content of an unknown kind${why}`, {
        ask: 'for help.',
        remedy: 'Push it as an image whose layers can be read, or into a project without this policy.',
      })
    }
  }
}

function passes(sentence: string): Opinion {
  return { reasons: [], notes: [{ code: 'not-applicable', sentence }], ends: [] }
}

function refuses(rule: Rule, code: ReasonCode, matter: string, what: { ask: string; remedy: string }): Opinion {
  return { reasons: [reason(rule, code, matter, what)], notes: [], ends: [] }
}

/** Harbor's sentences, with the statuses that it shows. */
function judgeUnfinished(rule: Rule, { state, failure }: ScanEvidence): Opinion {
  const status = (name: string) => `with "${name}" status of vulnerability scanning`
  switch (state) {
    case 'pending':
    case 'running':
      return refuses(rule, 'scan-running', status(state === 'pending' ? 'Pending' : 'Running'), {
        ask: 'for help.',
        remedy: 'Wait for the scan to end and pull again.',
      })
    case 'stopped':
      return refuses(rule, 'scan-stopped', status('Stopped'), { ask: 'for help.', remedy: 'Start a scan of it.' })
    case 'error': {
      if (failure?.startsWith('its config names ')) return judgeMismatch(rule, failure)
      const why = failure === undefined ? '' : ` (${quoted(failure)})`
      return refuses(rule, 'scan-failed', `${status('Error')}${why}`, {
        ask: 'for help.',
        remedy: 'Read why the scan failed, put that right, and start it again.',
      })
    }
    default:
      return refuses(rule, 'unscanned', 'without vulnerability scanning', {
        ask: 'for help.',
        remedy: 'Start a scan of it, or switch on auto_scan so that what is pushed is scanned.',
      })
  }
}

/** An engine runs what the config names, and we have read something else. */
function judgeMismatch(rule: Rule, failure: string): Opinion {
  return refuses(rule, 'config-mismatch', `whose config names other layers than it has (${quoted(failure)})`, {
    ask: 'for help.',
    remedy: 'Build and push it again: its config does not belong to its layers.',
  })
}

function judgeImage(rule: Rule, evidence: Evidence, now: Date): Opinion {
  const { scan } = evidence
  const opinions = [judgeInventory(rule, scan)]
  if (!scan.generation) {
    opinions.push(
      refuses(rule, 'no-database', 'without a vulnerability database to check it against', {
        ask: 'for help.',
        remedy: 'Import a vulnerability database: breakwater vulndb update.',
      }),
    )
  } else {
    opinions.push(
      judgeDatabase(rule, scan.generation, evidence.knownSince, now),
      judgeFindings(rule, scan.findings, now),
    )
  }
  return {
    reasons: opinions.flatMap(({ reasons }) => reasons),
    notes: opinions.flatMap(({ notes }) => notes),
    ends: opinions.flatMap(({ ends }) => ends),
  }
}

function judgeInventory(rule: Rule, { partial, notCovered }: ScanEvidence): Opinion {
  const reasons: Reason[] = []
  if (partial.length > 0) {
    const matter = `with an incomplete inventory (${quoted(enumerate(partial, 3))})`
    const remedy = 'Build it without what could not be read, or ask for a scan again if the limits were raised.'
    reasons.push(reason(rule, 'partial-inventory', matter, { ask: 'for help.', remedy }))
  }
  const refused = notCovered.filter((type) => !rule.acceptNotCovered.includes(type))
  if (refused.length > 0) {
    const matter = `with packages that can't be checked yet (${quoted(enumerate(refused))})`
    const remedy = `Leave them out of the image, or accept these types in the policy: ${quoted(enumerate(refused))}.`
    reasons.push(reason(rule, 'not-covered', matter, { ask: 'for help.', remedy }))
  }
  const accepted = notCovered.filter((type) => rule.acceptNotCovered.includes(type))
  const sentence = `Packages that can't be checked yet are accepted by the ${rule.origin}'s policy: ${enumerate(accepted)}.`
  return { reasons, notes: accepted.length > 0 ? [{ code: 'accepted', sentence }] : [], ends: [] }
}
