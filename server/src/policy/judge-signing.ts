import type { Found, TrustKey } from '../signatures/index.ts'
import type { Evidence } from './evidence.ts'
import type { Opinion } from './opinion.ts'
import type { SigningRule } from './policy.ts'
import { enumerate, quoted } from './sentence.ts'
import type { Note, Reason, SigningCode } from './verdict.ts'

/**
 * Whether an artifact is signed by those whom the rule names (gate.md G4 to G6). Evidence signs and is not signed itself;
 * whether something is evidence says its content.
 */
export function judgeSigning(rule: SigningRule, evidence: Evidence, now: Date): Opinion {
  const { scan, signatures } = evidence
  if (scan.class === 'evidence' && scan.state === 'success') {
    return only({ code: 'not-applicable', sentence: 'It is evidence itself, and needs no signature.' })
  }
  const opinion = rule.pinned ? judgePinned(rule, signatures.found, now) : judgeUnpinned(rule, signatures.found)
  const unread = scan.state === 'pending' || scan.state === 'running'
  if (opinion.reasons.length === 0 || !signatures.accessory || !unread) return opinion
  // It may turn out to be evidence.
  const reason = refusal(rule, 'scan-running', 'What it is attached to something for is being read.', {
    remedy: 'Wait for the scan to end and pull again.',
  })
  return { reasons: [reason], notes: [], ends: [] }
}

const signAndPin = 'Sign it with cosign, and pin the public key: breakwater trust add.'

function only(note: Note, ends: readonly Date[] = []): Opinion {
  return { reasons: [], notes: [note], ends }
}

/** Nobody is pinned, so nobody can be verified: a signature of this very artifact has to be there, and no more is said. */
function judgeUnpinned(rule: SigningRule, found: readonly Found[]): Opinion {
  const own = found.filter(({ kind, subject, attachedTo }) => kind === 'signature' && subject === attachedTo)
  const self = found.filter((one) => !one.covering)
  if (own.some((one) => !one.covering)) {
    const sentence = 'signature present, signer not verified: no key is pinned, so anybody may have signed it.'
    return only({ code: 'unverified-signer', sentence })
  }
  if (self.length > 0) {
    const what = `None of what is attached is a signature of it: ${told(self)}.`
    return refuses(rule, 'signature-invalid', what, signAndPin)
  }
  // An index whose signer is unknown covers nothing (gate.md G5).
  if (own.length > 0) {
    const what = 'An index that lists it is signed, which counts only with a pinned key; none is pinned.'
    return refuses(
      rule,
      'unsigned',
      what,
      'Pin the public key: breakwater trust add. Or sign it, too: cosign sign --recursive.',
    )
  }
  return refuses(rule, 'unsigned', 'It has no signature.', signAndPin)
}

function judgePinned(rule: SigningRule, found: readonly Found[], now: Date): Opinion {
  const holding = rule.keys.filter(({ compromisedAt }) => !compromisedAt)
  const needed = neededSigners(rule, holding)
  const signed = holding.filter((key) => found.some((one) => signs(one, key)))
  const signers = new Set(signed.map(({ fingerprint }) => fingerprint))
  if (needed > 0 && signers.size >= needed) {
    const ends = signed.flatMap(({ validUntil }) => (validUntil && validUntil > now ? [validUntil] : []))
    return only(
      { code: 'signed', sentence: `Signed by ${enumerate(signed.map(nameOf))}${byIndex(signed, found)}.` },
      ends,
    )
  }
  return lacking(rule, holding, signers.size, needed, found)
}

/** Different keys that have to sign; 0 where there is none that could. */
function neededSigners({ requirement }: SigningRule, holding: readonly TrustKey[]): number {
  if (requirement === 'any') return holding.length > 0 ? 1 : 0
  const distinct = new Set(holding.map(({ fingerprint }) => fingerprint)).size
  return requirement === 'all' ? distinct : requirement
}

/** Whether a key signed what this is attached to, in time, with the annotations that are demanded of it. */
function signs(one: Found, key: TrustKey): boolean {
  return (
    verifies(one, key) &&
    (!key.validUntil || one.firstSeenAt <= key.validUntil) &&
    Object.entries(key.annotations).every(([name, value]) => one.document.annotations?.[name] === value)
  )
}

function verifies({ kind, subject, attachedTo, results }: Found, { fingerprint }: TrustKey): boolean {
  return kind === 'signature' && subject === attachedTo && results[fingerprint] === 'ok'
}

function byIndex(signed: readonly TrustKey[], found: readonly Found[]): string {
  const own = signed.some((key) => found.some((one) => !one.covering && signs(one, key)))
  return own ? '' : ', who signed an index that lists it'
}

function lacking(
  rule: SigningRule,
  holding: readonly TrustKey[],
  signers: number,
  needed: number,
  found: readonly Found[],
): Opinion {
  const wanted = wantedSigners(rule, holding)
  const remedy = `Sign it with cosign and the key of ${wanted}.`
  if (holding.length === 0) {
    const what = 'No key is pinned that could sign in this repository.'
    return refuses(rule, 'no-trusted-key', what, 'Pin a public key: breakwater trust add.')
  }
  if (signers > 0) {
    return refuses(
      rule,
      'too-few-signers',
      `${signers} of ${needed} signers have signed it; wanted: ${wanted}.`,
      remedy,
    )
  }
  const broken = rule.keys.find((key) => key.compromisedAt && found.some((one) => verifies(one, key)))
  if (broken) {
    const what = `It is signed by ${nameOf(broken)}, whose key is compromised; wanted: ${wanted}.`
    return refuses(rule, 'key-compromised', what, remedy)
  }
  const late = holding.find((key) => found.some((one) => verifies(one, key)))
  if (late) {
    const expired = late.validUntil && found.some((one) => verifies(one, late) && !inTime(one, late))
    const what = expired
      ? `It was signed by ${nameOf(late)} after that key's validity had ended (${late.validUntil?.toISOString()}).`
      : `The signature by ${nameOf(late)} lacks annotations that are demanded of it: ${enumerate(Object.entries(late.annotations).map(([key, value]) => quoted(`${key}=${value}`)))}.`
    return refuses(rule, expired ? 'key-expired' : 'wrong-signer', what, remedy)
  }
  if (found.length === 0) return refuses(rule, 'unsigned', `It has no signature; wanted: ${wanted}.`, remedy)
  const whole = found.some(({ kind, subject, attachedTo }) => kind === 'signature' && subject === attachedTo)
  return whole
    ? refuses(rule, 'wrong-signer', `Its signatures are by somebody else${claimed(found)}; wanted: ${wanted}.`, remedy)
    : refuses(rule, 'signature-invalid', `None of what is attached is a signature of it: ${told(found)}.`, remedy)
}

function inTime({ firstSeenAt }: Found, { validUntil }: TrustKey): boolean {
  return !validUntil || firstSeenAt <= validUntil
}

/** The keys that signatures say they are by: nobody's word but theirs, and those of cosign 2 say nothing. */
function claimed(found: readonly Found[]): string {
  const keys = new Set(found.flatMap(({ document: { claimedKey } }) => (claimedKey ? [claimedKey] : [])))
  if (keys.size === 0) return ''
  const named = [...keys].map((fingerprint) => `SHA256:${fingerprint.slice(0, 16)}`)
  return `, who claims to have the key ${enumerate(named, 3)}`
}

/** What is attached and is no signature of the artifact, in a few words. */
function told(found: readonly Found[]): string {
  const words = found.map(({ kind, document, subject }) => {
    if (kind === 'unreadable') return `unreadable evidence (${quoted(document.detail ?? 'malformed', 100)})`
    if (kind === 'attestation') return `an attestation (${quoted(document.predicateType ?? '', 80)})`
    return `a signature of ${subject}`
  })
  return enumerate([...new Set(words)], 3)
}

/** `release`, `release or security`, `2 of release, security and ops`. */
function wantedSigners({ requirement }: SigningRule, keys: readonly TrustKey[]): string {
  const names = keys.map(nameOf)
  if (names.length === 0) return 'a pinned key'
  if (names.length === 1) return names.join('')
  if (requirement === 'any') return `one of ${enumerate(names, 5)}`
  return requirement === 'all' ? `all of ${enumerate(names, 5)}` : `${requirement} of ${enumerate(names, 5)}`
}

function nameOf({ name, projectId, fingerprint }: TrustKey): string {
  return `${name}${projectId === 0 ? ' (whole registry)' : ''} (SHA256:${fingerprint.slice(0, 16)})`
}

function refuses(rule: SigningRule, code: SigningCode, what: string, remedy: string): Opinion {
  return { reasons: [refusal(rule, code, what, { remedy })], notes: [], ends: [] }
}

/** Begins as Harbor's sentence does: scripts and documentation look for it. */
function refusal(
  { origin, mode }: SigningRule,
  code: SigningCode | 'scan-running',
  what: string,
  { remedy }: Pick<Reason, 'remedy'>,
): Reason {
  return { code, origin, enforced: mode === 'enforce', sentence: `The image is not signed by cosign. ${what}`, remedy }
}
