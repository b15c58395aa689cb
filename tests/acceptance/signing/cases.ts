import { type Change, changes } from './changes.ts'
import { type Answer, type CosignVersion, type Layout, layouts } from './cosign.ts'

/**
 * The table: what a real Breakwater and the real cosign say of the same bytes, made with the real cosign and then changed.
 * Every layout meets every change. What a reader gets is `allow`, or the code of the refusal.
 */
export interface Expected {
  readonly pull: 'allow' | 'unsigned' | 'wrong-signer' | 'signature-invalid' | 'key-expired'
  /** What is found to be attached, each once: its kind, and what the pinned key says of it. */
  readonly found: readonly string[]
  /** `cosign verify`, by someone who may push and so is shown everything. */
  readonly verify: Said
  /** `cosign verify-attestation`, beside whether an attestation is found that the pinned key has signed. */
  readonly verifyAttestation?: Said
  /** `cosign verify`, by a reader: who is not shown what no pinned key has made (gate.md G4). */
  readonly verifyAsReader?: Said
  /** Pushes that are answered with 429; none unless said. */
  readonly tooMany?: number
  /** Why Breakwater and cosign differ; there has to be none where they don't. */
  readonly difference?: string
}

/** What each version says. */
type Said = Readonly<Record<CosignVersion, Answer['said']>>

export interface NotApplicable {
  readonly notApplicable: string
}

const verified: Said = { cosign: 'verified', cosign3: 'verified' }
const refused: Said = { cosign: 'refused', cosign3: 'refused' }
/** cosign 2 wants the public log's trusted root before it reads a bundle: `unable` offline, whatever the bundle holds. */
const verifiedBy3: Said = { cosign: 'unable', cosign3: 'verified' }
const refusedBy3: Said = { cosign: 'unable', cosign3: 'refused' }
/** It looks for simple signatures where it finds no whole bundle. */
const noBundle: Said = refused

const signature = { ok: 'signature ok', wrongKey: 'signature wrong-key', otherDigest: 'signature other-digest' }
const attestation = {
  ok: 'attestation ok',
  wrongKey: 'attestation wrong-key',
  otherDigest: 'attestation other-digest',
}
const malformed = 'unreadable malformed'

const noClock = 'cosign knows no time until which a key is valid'
const noEnvelope = { notApplicable: 'a simple signature has no envelope; its signature stands in an annotation' }
const bundlesFirst =
  'cosign reads a bundle before anything else, and fails with it; a reader is not shown the foreign one'
/** Of 1,000, 64 by somebody else are kept, and the one of the pinned key. */
const refusedPushes = 999 - 64

/** What differs between the two ways in which a simple signature is attached is only the number. */
const simple = {
  good: { pull: 'allow', found: [signature.ok], verify: verified },
  'wrong key': { pull: 'wrong-signer', found: [signature.wrongKey], verify: refused },
  'other digest': { pull: 'signature-invalid', found: [signature.otherDigest], verify: refused },
  'tampered payload': { pull: 'wrong-signer', found: [signature.wrongKey], verify: refused },
  'tampered signature': { pull: 'wrong-signer', found: [signature.wrongKey], verify: refused },
  'tampered envelope': noEnvelope,
  truncated: { pull: 'signature-invalid', found: [malformed], verify: refused },
  duplicate: { pull: 'allow', found: [signature.ok], verify: verified },
  'foreign bundle beside it': {
    pull: 'allow',
    found: [signature.ok, signature.wrongKey],
    verify: refusedBy3,
    verifyAsReader: verified,
    difference: bundlesFirst,
  },
  'key past its valid-until': { pull: 'key-expired', found: [signature.ok], verify: verified, difference: noClock },
  'signed before its valid-until': { pull: 'allow', found: [signature.ok], verify: verified },
} as const satisfies Partial<Record<Change, Expected | NotApplicable>>

const attestedIsSigned = 'cosign 3 takes a bundle with any predicate for a signature; an attestation is none'
const plainTag = 'what is under a tag .att is a plain artifact, as in Harbor: neither listed as attached nor verified'
/** The attestation of cosign 2 is not looked at, so that the image has nothing attached. */
const unread = { pull: 'unsigned', found: [], verify: refused } as const

const table: Readonly<Record<Layout, Readonly<Record<Change, Expected | NotApplicable>>>> = {
  'cosign 2 tag': {
    ...simple,
    '1,000 signatures': {
      pull: 'signature-invalid',
      found: ['unreadable too-many'],
      verify: verified,
      difference: 'more than 256 layers in one manifest count for nothing; cosign goes through 1,000',
    },
  },
  'cosign 2 referrer': {
    ...simple,
    '1,000 signatures': {
      pull: 'allow',
      found: [signature.ok, signature.wrongKey],
      verify: refused,
      verifyAsReader: verified,
      tooMany: refusedPushes,
      difference: 'of many referrers cosign reads one; a reader is shown none but that of the pinned key',
    },
  },
  'cosign 3 bundle': {
    good: { pull: 'allow', found: [signature.ok], verify: verifiedBy3 },
    'wrong key': { pull: 'wrong-signer', found: [signature.wrongKey], verify: refusedBy3 },
    'other digest': { pull: 'signature-invalid', found: [signature.otherDigest], verify: refusedBy3 },
    'tampered payload': { pull: 'wrong-signer', found: [signature.wrongKey], verify: refusedBy3 },
    'tampered signature': { pull: 'wrong-signer', found: [signature.wrongKey], verify: refusedBy3 },
    'tampered envelope': { pull: 'signature-invalid', found: [malformed], verify: refusedBy3 },
    truncated: { pull: 'signature-invalid', found: [malformed], verify: noBundle },
    duplicate: { pull: 'allow', found: [signature.ok], verify: verifiedBy3 },
    '1,000 signatures': {
      pull: 'allow',
      found: [signature.ok, signature.wrongKey],
      verify: verifiedBy3,
      tooMany: refusedPushes,
    },
    'foreign bundle beside it': {
      pull: 'allow',
      found: [signature.ok, signature.wrongKey],
      verify: verifiedBy3,
    },
    'key past its valid-until': {
      pull: 'key-expired',
      found: [signature.ok],
      verify: verifiedBy3,
      difference: noClock,
    },
    'signed before its valid-until': { pull: 'allow', found: [signature.ok], verify: verifiedBy3 },
  },
  'cosign 2 attestation': {
    good: { ...unread, verifyAttestation: verified, difference: plainTag },
    'wrong key': { ...unread, verifyAttestation: refused },
    'other digest': { ...unread, verifyAttestation: refused },
    'tampered payload': { ...unread, verifyAttestation: refused },
    'tampered signature': { ...unread, verifyAttestation: refused },
    'tampered envelope': { ...unread, verifyAttestation: refused },
    truncated: { ...unread, verifyAttestation: refused },
    duplicate: { ...unread, verifyAttestation: verified, difference: plainTag },
    '1,000 signatures': { notApplicable: `${plainTag}, and so not counted` },
    'foreign bundle beside it': {
      pull: 'wrong-signer',
      found: [signature.wrongKey],
      verify: refusedBy3,
      verifyAttestation: refusedBy3,
    },
    'key past its valid-until': { ...unread, verifyAttestation: verified, difference: plainTag },
    'signed before its valid-until': { notApplicable: 'an attestation does not count, whenever it was signed' },
  },
  'cosign 3 attestation': {
    good: attested({ found: [attestation.ok], verify: verifiedBy3, difference: attestedIsSigned }),
    'wrong key': attested({ found: [attestation.wrongKey], verify: refusedBy3 }),
    'other digest': attested({ found: [attestation.otherDigest], verify: refusedBy3 }),
    'tampered payload': attested({ found: [attestation.wrongKey], verify: refusedBy3 }),
    'tampered signature': attested({ found: [attestation.wrongKey], verify: refusedBy3 }),
    'tampered envelope': attested({ found: [malformed], verify: refusedBy3 }),
    truncated: attested({ found: [malformed], verify: noBundle }),
    duplicate: attested({ found: [attestation.ok], verify: verifiedBy3, difference: attestedIsSigned }),
    '1,000 signatures': attested({
      found: [attestation.ok, attestation.wrongKey],
      verify: verifiedBy3,
      tooMany: refusedPushes,
      difference: attestedIsSigned,
    }),
    'foreign bundle beside it': {
      ...attested({ found: [attestation.ok, signature.wrongKey], verify: verifiedBy3, difference: attestedIsSigned }),
      pull: 'wrong-signer',
    },
    'key past its valid-until': attested({
      found: [attestation.ok],
      verify: verifiedBy3,
      difference: attestedIsSigned,
    }),
    'signed before its valid-until': { notApplicable: 'an attestation does not count, whenever it was signed' },
  },
}

/** An attestation of cosign 3: never a signature, and `cosign verify-attestation` says what `cosign verify` does. */
function attested(expected: Omit<Expected, 'pull' | 'verifyAttestation'>): Expected {
  return { pull: 'signature-invalid', verifyAttestation: expected.verify, ...expected }
}

export interface Cell {
  readonly layout: Layout
  readonly change: Change
  readonly expected: Expected | NotApplicable
}

/** All cells, layout by layout. */
export const cells: readonly Cell[] = (Object.keys(layouts) as Layout[]).flatMap((layout) =>
  (Object.keys(changes) as Change[]).map((change) => ({ layout, change, expected: table[layout][change] })),
)
