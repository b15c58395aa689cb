import { type Digest, digestOf } from '@breakwater/oci'
import { describe, expect, it, test } from 'vitest'
import type { Found, TrustKey } from '../signatures/index.ts'
import { daysAgo, evidence, now } from './fixture.ts'
import { judge } from './judge.ts'
import type { SigningRule } from './policy.ts'

const image = digestOf(Buffer.from('image'))
const index = digestOf(Buffer.from('index'))

function key(name: string, changes: Partial<TrustKey> = {}): TrustKey {
  return {
    name,
    projectId: 2,
    pem: '',
    fingerprint: name.repeat(16),
    algorithm: 'ecdsa-p256',
    repositories: undefined,
    annotations: {},
    validUntil: undefined,
    compromisedAt: undefined,
    createdAt: daysAgo(100),
    createdBy: 'user:alice',
    ...changes,
  }
}

/** A signature of the image by these keys. */
function signature(by: readonly TrustKey[], changes: Partial<Found> = {}): Found {
  return {
    manifest: digestOf(Buffer.from('signature')),
    kind: 'signature',
    layout: 'simple-signing',
    subject: image,
    attachedTo: image,
    covering: false,
    firstSeenAt: daysAgo(5),
    document: {},
    results: Object.fromEntries(by.map(({ fingerprint }) => [fingerprint, 'ok' as const])),
    ...changes,
  }
}

const [a, b] = [key('a'), key('b')]

function judged(
  rule: Partial<SigningRule>,
  found: readonly Found[],
  scan: Parameters<typeof evidence>[0] = {},
  accessory = false,
) {
  const signing: SigningRule = {
    origin: 'project',
    mode: 'enforce',
    keys: [a],
    pinned: true,
    requirement: 'any',
    ...rule,
  }
  const facts = { ...evidence(scan), signatures: { revision: 1, accessory, found } }
  return judge({ revision: 1, rules: [], signing: [signing], hold: 0 }, facts, now)
}

const code = (...asked: Parameters<typeof judged>) => {
  const { allow, reasons, notes } = judged(...asked)
  return allow ? notes[0]?.code : reasons[0]?.code
}

describe('one key', () => {
  it.each<[string | undefined, string, Found[]]>([
    ['signed', 'signed', [signature([a])]],
    ['unsigned', 'nothing there', []],
    ['wrong-signer', 'somebody else', [signature([])]],
    ['wrong-signer', 'a key that is not pinned', [signature([b])]],
    ['signature-invalid', 'of another image', [signature([a], { subject: index })]],
    ['signature-invalid', 'an attestation', [signature([a], { kind: 'attestation', subject: undefined })]],
    ['signature-invalid', 'unreadable', [signature([a], { kind: 'unreadable', subject: undefined })]],
    ['signed', 'of an index that lists it', [signature([a], { subject: index, attachedTo: index, covering: true })]],
    [
      'signature-invalid',
      'attached to an index, of the image',
      [signature([a], { attachedTo: index, covering: true })],
    ],
  ])('%s: %s', (expected, _, found) => {
    expect(code({}, found)).toBe(expected)
  })

  it('is named beside those that the signatures claim to be by', () => {
    const claims = ['c', 'd', 'c'].map((one) => signature([], { document: { claimedKey: one.repeat(64) } }))
    expect(judged({}, [...claims, signature([])]).reasons[0]?.sentence).toBe(
      `The image is not signed by cosign. Its signatures are by somebody else, who claims to have the key SHA256:${'c'.repeat(16)} and SHA256:${'d'.repeat(16)}; wanted: a (SHA256:${'a'.repeat(16)}).`,
    )
  })

  test('that is compromised', () => {
    expect(code({ keys: [key('a', { compromisedAt: daysAgo(1) }), b] }, [signature([a])])).toBe('key-compromised')
    expect(code({ keys: [key('a', { compromisedAt: daysAgo(1) })] }, [signature([a])])).toBe('no-trusted-key')
  })

  test('past its time: what was seen before stays', () => {
    const keys = [key('a', { validUntil: daysAgo(3) })]
    expect(code({ keys }, [signature([a])])).toBe('signed')
    expect(code({ keys }, [signature([a], { firstSeenAt: daysAgo(2) })])).toBe('key-expired')
  })

  test('the verdict ends with it', () => {
    const validUntil = new Date(now.getTime() + 1_000)
    expect(judged({ keys: [key('a', { validUntil })] }, [signature([a])]).notAfter).toEqual(validUntil)
  })

  test('with annotations that are demanded', () => {
    const keys = [key('a', { annotations: { stage: 'prod' } })]
    expect(code({ keys }, [signature([a])])).toBe('wrong-signer')
    expect(code({ keys }, [signature([a], { document: { annotations: { stage: 'prod' } } })])).toBe('signed')
  })
})

describe('how many', () => {
  const both = { keys: [a, b] }
  it.each<[string | undefined, SigningRule['requirement'], TrustKey[]]>([
    ['signed', 'any', [b]],
    ['too-few-signers', 'all', [b]],
    ['signed', 'all', [a, b]],
    ['signed', 2, [a, b]],
    ['too-few-signers', 3, [a, b]],
  ])('%s: %s', (expected, requirement, by) => {
    expect(
      code(
        { ...both, requirement },
        by.map((one) => signature([one])),
      ),
    ).toBe(expected)
  })

  test('one key under two names is one signer', () => {
    const keys = [a, key('x', { fingerprint: a.fingerprint })]
    expect(code({ keys, requirement: 2 }, [signature([a])])).toBe('too-few-signers')
  })
})

describe('nobody pinned', () => {
  const open = { keys: [], pinned: false }
  it.each<[string | undefined, Found[]]>([
    ['unverified-signer', [signature([])]],
    ['unsigned', []],
    ['signature-invalid', [signature([], { subject: index })]],
    ['signature-invalid', [signature([], { kind: 'attestation', subject: undefined })]],
    ['unsigned', [signature([], { subject: index, attachedTo: index, covering: true })]],
  ])('%s', (expected, found) => {
    expect(code(open, found)).toBe(expected)
  })
  test('a signed index does not cover what it lists, and the sentence says why', () => {
    const covering = signature([], { subject: index, attachedTo: index, covering: true })
    expect(judged(open, [covering]).reasons[0]?.sentence).toBe(
      'The image is not signed by cosign. An index that lists it is signed, which counts only with a pinned key; none is pinned.',
    )
  })
  test('but somebody has to be', () => {
    expect(code({ keys: [], pinned: true }, [signature([])])).toBe('no-trusted-key')
  })
})

test('evidence needs no signature once it was read', () => {
  expect(code({}, [], { class: 'evidence' })).toBe('not-applicable')
  expect(code({}, [], { state: 'pending', class: undefined }, true)).toBe('scan-running')
  expect(code({}, [], { state: 'pending', class: undefined })).toBe('unsigned')
  expect(code({}, [], { class: 'image' }, true)).toBe('unsigned')
})

test('a rule that warns refuses nothing', () => {
  const { allow, reasons } = judged({ mode: 'warn' }, [])
  expect([allow, reasons[0]?.code, reasons[0]?.enforced]).toEqual([true, 'unsigned', false])
})

test('what others wrote is quoted without control characters', () => {
  const document = { detail: 'a\u0000b', predicateType: 'x\ny' }
  const found = (['unreadable', 'attestation'] as const).map((kind) =>
    signature([], { kind, subject: undefined as Digest | undefined, document }),
  )
  expect(judged({}, found).reasons[0]?.sentence).not.toMatch(/\p{Cc}/u)
})
