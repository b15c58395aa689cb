import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { PackageFinding, ScanEvidence } from '../scanning/index.ts'
import { daysAgo, evidence, exception, freshDatabase, now, rule } from './fixture.ts'
import { judge } from './judge.ts'
import type { Policy, Rule } from './policy.ts'
import { thresholdOf } from './severity.ts'

const ids = fc.constantFrom('CVE-1', 'CVE-2', 'CVE-3')
const findings: fc.Arbitrary<PackageFinding> = fc.record({
  id: ids,
  package: fc.constantFrom('a', 'b'),
  version: fc.constant('1'),
  severity: fc.integer({ min: 0, max: 4 }),
  fixedVersion: fc.constantFrom('', '2'),
  status: fc.constant('fixed'),
})
const near = fc.integer({ min: -20, max: 20 }).map(daysAgo)
const exceptions = fc
  .record({
    vulnerability: ids,
    package: fc.constantFrom(undefined, 'a'),
    severity: fc.integer({ min: 0, max: 4 }),
    expiresAt: near,
  })
  .map(exception)
const rules: fc.Arbitrary<Rule> = fc
  .record({
    origin: fc.constantFrom('project' as const, 'system' as const),
    threshold: fc.constantFrom('none', 'low', 'medium', 'high', 'critical', 'x').map(thresholdOf),
    mode: fc.constantFrom('enforce' as const, 'warn' as const),
    ignoreUnfixed: fc.boolean(),
    staleDeny: fc.boolean(),
    acceptNotCovered: fc.subarray(['jar', 'conda']),
    breakGlass: fc.option(
      near.map((until) => ({ reason: 'r', by: 'user:a', until })),
      { nil: undefined },
    ),
    allowlist: fc.record({
      ids: fc.uniqueArray(ids).map((list) => new Set(list)),
      expiresAt: fc.option(near, { nil: undefined }),
    }),
    exceptions: fc.array(exceptions, { maxLength: 3 }),
  })
  .map(rule)
const policies: fc.Arbitrary<Policy> = fc
  .array(rules, { minLength: 1, maxLength: 2 })
  .map((list) => ({ revision: 1, rules: list, signing: [], hold: 0 }))
const scans: fc.Arbitrary<Partial<ScanEvidence>> = fc.record({
  state: fc.constantFrom(
    'none' as const,
    'pending' as const,
    'running' as const,
    'success' as const,
    'success' as const,
    'error' as const,
    'stopped' as const,
  ),
  class: fc.constantFrom(
    'image' as const,
    'image' as const,
    'index' as const,
    'evidence' as const,
    'data' as const,
    'unknown' as const,
    undefined,
  ),
  failure: fc.constantFrom(undefined, 'broken'),
  partial: fc.subarray(['cut']),
  notCovered: fc.subarray(['jar', 'conda']),
  generation: fc.option(
    near.map((builtAt) => ({ ...freshDatabase, builtAt })),
    { nil: undefined },
  ),
  findings: fc.array(findings, { maxLength: 5 }),
})
const facts = fc.tuple(scans, near)
const allows = (policy: Policy, scan: Partial<ScanEvidence>, known: Date, at = now) =>
  judge(policy, evidence(scan, known), at).allow

const each = { numRuns: 2_000 }

it('no finding makes a refused image good', () => {
  fc.assert(
    fc.property(policies, facts, findings, (policy, [scan, known], more) => {
      const worse = { ...scan, findings: [...(scan.findings ?? []), more] }
      expect(allows(policy, worse, known) && !allows(policy, scan, known)).toBe(false)
    }),
    each,
  )
})

it('a finding that becomes worse makes no refused image good', () => {
  fc.assert(
    fc.property(policies, facts, fc.nat(4), (policy, [scan, known], at) => {
      const worse = (scan.findings ?? []).map((one, i) =>
        i === at ? { ...one, severity: Math.min(4, one.severity + 1) } : one,
      )
      expect(allows(policy, { ...scan, findings: worse }, known) && !allows(policy, scan, known)).toBe(false)
    }),
    each,
  )
})

it('what is missing makes no refused image good', () => {
  const losses: Partial<ScanEvidence>[] = [
    { generation: undefined },
    { partial: ['cut'] },
    { notCovered: ['jar', 'conda', 'other'] },
    { class: 'unknown' },
    { class: undefined },
    { state: 'none' },
    { state: 'running' },
    { state: 'error' },
    { state: 'stopped' },
  ]
  fc.assert(
    fc.property(policies, facts, fc.constantFrom(...losses), (policy, [scan, known], loss) => {
      expect(allows(policy, { ...scan, ...loss }, known) && !allows(policy, scan, known)).toBe(false)
    }),
    each,
  )
})

it('another rule makes no refused image good', () => {
  fc.assert(
    fc.property(policies, rules, facts, (policy, more, [scan, known]) => {
      const stricter = { ...policy, rules: [...policy.rules, more] }
      expect(allows(stricter, scan, known) && !allows(policy, scan, known)).toBe(false)
    }),
    each,
  )
})

it('a stricter rule makes no refused image good', () => {
  const stricter: ((one: Rule) => Partial<Rule>)[] = [
    () => ({ threshold: thresholdOf('none') }),
    () => ({ exceptions: [] }),
    ({ allowlist }) => ({ allowlist: { ...allowlist, ids: new Set() } }),
    () => ({ ignoreUnfixed: false }),
    () => ({ acceptNotCovered: [] }),
    () => ({ staleDeny: true }),
    () => ({ breakGlass: undefined }),
    () => ({ mode: 'enforce' }),
  ]
  fc.assert(
    fc.property(rules, facts, fc.constantFrom(...stricter), (one, [scan, known], change) => {
      const before: Policy = { revision: 1, rules: [one], signing: [], hold: 0 }
      const after: Policy = { ...before, rules: [{ ...one, ...change(one) }] }
      expect(allows(after, scan, known) && !allows(before, scan, known)).toBe(false)
    }),
    each,
  )
})

it('a verdict holds until its end: nothing becomes worse before by time alone', () => {
  fc.assert(
    fc.property(policies, facts, fc.double({ min: 0, max: 1, noNaN: true }), (policy, [scan, known], part) => {
      const verdict = judge(policy, evidence(scan, known), now)
      const later = new Date(now.getTime() + (verdict.notAfter.getTime() - 1 - now.getTime()) * part)
      expect(verdict.notAfter > now).toBe(true)
      if (verdict.allow) expect(allows(policy, scan, known, later)).toBe(true)
    }),
    each,
  )
})

it('only an image with nothing against it, or what does not run, passes an enforced rule', () => {
  fc.assert(
    fc.property(policies, facts, (policy, [scan, known]) => {
      if (!policy.rules.some(({ mode }) => mode === 'enforce') || !allows(policy, scan, known)) return
      expect(scan.state).toBe('success')
      expect(['image', 'index', 'evidence', 'data']).toContain(scan.class)
      if (scan.class === 'image') expect(scan).toMatchObject({ partial: [], generation: expect.anything() })
    }),
    each,
  )
})

it('refuses in the same words whatever the order of the findings', () => {
  fc.assert(
    fc.property(policies, facts, (policy, [scan, known]) => {
      const turned = { ...scan, findings: (scan.findings ?? []).toReversed() }
      const sentences = (one: Partial<ScanEvidence>) =>
        judge(policy, evidence(one, known), now).reasons.map(({ sentence }) => sentence)
      expect(sentences(turned)).toEqual(sentences(scan))
    }),
    each,
  )
})
