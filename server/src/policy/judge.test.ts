import { describe, expect, it, test } from 'vitest'
import type { Evidence } from './evidence.ts'
import { daysAgo, evidence, exception, finding, freshDatabase, now, policy } from './fixture.ts'
import { judge } from './judge.ts'
import type { Policy, Rule } from './policy.ts'
import { thresholdOf } from './severity.ts'

const day = 86_400_000

/** What refuses, and what is said beside that. */
function codes(demands: Policy, facts: Evidence) {
  const { allow, reasons, notes } = judge(demands, facts, now)
  return { allow, reasons: reasons.map(({ code }) => code), notes: notes.map(({ code }) => code) }
}

const allowed = { allow: true, reasons: [], notes: [] }
const refused = (...reasons: string[]) => ({ allow: false, reasons, notes: [] })
const high = '\'Prevent images with vulnerability severity of "High" or higher from running.\''
const help = 'To continue with pull, please contact your project administrator for help.'

describe('sentences', () => {
  const sentence = (facts: Evidence, rule: Partial<Rule> = {}) => judge(policy(rule), facts, now).reasons[0]?.sentence

  test('one vulnerability, as the guide prints it', () => {
    expect(sentence(evidence({ findings: [finding('CVE-2026-1', 4)] }))).toBe(
      `current image with 1 critical vulnerability cannot be pulled due to configured policy in ${high} To continue with pull, please contact your project administrator to exempt matched vulnerabilities through configuring the CVE allowlist.`,
    )
  })

  test('several, the worst first, without those that do not count', () => {
    const findings = [finding('A', 3), finding('B', 4), finding('C', 3), finding('D', 1)]
    expect(sentence(evidence({ findings }))).toContain(
      'current image with 1 critical and 2 high vulnerabilities cannot be pulled',
    )
    expect(sentence(evidence({ findings }), { threshold: thresholdOf('low') })).toContain(
      'with 1 critical, 2 high and 1 low vulnerabilities cannot be pulled',
    )
  })

  test("Harbor's own for what is not scanned", () => {
    expect(sentence(evidence({ state: 'none', class: undefined }))).toBe(
      `current image without vulnerability scanning cannot be pulled due to configured policy in ${high} ${help}`,
    )
    expect(sentence(evidence({ state: 'running' }))).toBe(
      `current image with "Running" status of vulnerability scanning cannot be pulled due to configured policy in ${high} ${help}`,
    )
  })

  test('the floor names whom to ask', () => {
    const floor = sentence(evidence({ state: 'none' }), { origin: 'system' })
    expect(floor).toContain('due to the policy of the whole registry in')
    expect(floor).toContain('contact your system administrator')
  })

  test('what others wrote does not break a line', () => {
    expect(sentence(evidence({ state: 'error', failure: `a\nb${'x'.repeat(999)}` }))).toMatch(/^[^\n]{0,600}$/)
  })
})

describe('without a scan that succeeded', () => {
  test.each([
    ['none', undefined, 'unscanned'],
    ['pending', undefined, 'scan-running'],
    ['running', undefined, 'scan-running'],
    ['stopped', undefined, 'scan-stopped'],
    ['error', 'layer sha256:0: not a tar', 'scan-failed'],
    ['error', 'its config names other layers: sha256:1 in place of sha256:2', 'config-mismatch'],
  ] as const)('%s: %s', (state, failure, code) => {
    expect(codes(policy(), evidence({ state, failure, class: undefined }))).toEqual(refused(code))
    // Neither a class that is left from before nor an empty list of findings makes it good.
    expect(codes(policy(), evidence({ state, failure, class: 'evidence' }))).toEqual(refused(code))
  })
})

describe('by content', () => {
  test.each(['evidence', 'data', 'index'] as const)('%s passes, without a database too', (of) => {
    expect(codes(policy(), evidence({ class: of, generation: undefined }))).toEqual({
      ...allowed,
      notes: ['not-applicable'],
    })
  })

  test('unknown content is refused', () => {
    expect(codes(policy(), evidence({ class: 'unknown', failure: 'no tar' }))).toEqual(refused('unknown-content'))
    expect(codes(policy(), evidence({ class: undefined }))).toEqual(refused('unknown-content'))
  })
})

describe('an inventory', () => {
  test('that is partial is not clean', () => {
    expect(codes(policy(), evidence({ partial: ['too many files'] }))).toEqual(refused('partial-inventory'))
  })

  test('with what cannot be read is not clean, unless the policy accepts that kind', () => {
    const facts = evidence({ notCovered: ['jar', 'conda'] })
    expect(codes(policy(), facts)).toEqual(refused('not-covered'))
    expect(codes(policy({ acceptNotCovered: ['jar'] }), facts)).toMatchObject({ allow: false, notes: ['accepted'] })
    expect(codes(policy({ acceptNotCovered: ['jar', 'conda'] }), facts)).toMatchObject({ allow: true })
  })

  test('tells every reason, the findings first', () => {
    const facts = evidence({ partial: ['x'], notCovered: ['jar'], findings: [finding('A', 4)] })
    expect(codes(policy(), facts).reasons).toEqual(['vulnerable', 'partial-inventory', 'not-covered'])
  })
})

describe('findings', () => {
  test.each([
    ['critical', [0, 1, 2, 3]],
    ['high', [0, 1, 2]],
    ['medium', [0, 1]],
    ['low', [0]],
    ['none', []],
    [undefined, []],
    ['garbage', []],
  ])('threshold %s lets through %j', (severity, passing) => {
    const threshold = thresholdOf(severity)
    const passed = [0, 1, 2, 3, 4].filter(
      (found) => judge(policy({ threshold }), evidence({ findings: [finding('A', found)] }), now).allow,
    )
    expect(passed).toEqual(passing)
  })

  it('is named Unknown where the project says nothing of severity, as in Harbor', () => {
    expect([thresholdOf(undefined).name, thresholdOf('').name, thresholdOf('HIGH').name]).toEqual([
      'Unknown',
      'Unknown',
      'High',
    ])
  })

  it('counts each and names each once', () => {
    const findings = [finding('A', 3), finding('A', 4, { package: 'libssl' }), finding('B', 3)]
    expect(judge(policy(), evidence({ findings }), now).reasons).toMatchObject([
      { counts: { critical: 1, high: 2 }, vulnerabilities: ['A', 'B'] },
    ])
  })

  it('names a hundred at most', () => {
    const findings = Array.from({ length: 500 }, (_, at) => finding(`CVE-${at}`, 3))
    const [reason] = judge(policy(), evidence({ findings }), now).reasons
    expect([reason?.vulnerabilities?.length, reason?.counts]).toEqual([100, { high: 500 }])
  })

  it('ignores what has no fix only where the policy says so', () => {
    const facts = evidence({ findings: [finding('A', 4, { fixedVersion: '' })] })
    expect(codes(policy(), facts)).toEqual(refused('vulnerable'))
    expect(codes(policy({ ignoreUnfixed: true }), facts)).toEqual({ ...allowed, notes: ['unfixed'] })
    const fixed = evidence({ findings: [finding('A', 4)] })
    expect(codes(policy({ ignoreUnfixed: true }), fixed)).toEqual(refused('vulnerable'))
  })
})

describe('what is waived', () => {
  const facts = evidence({ findings: [finding('CVE-2026-1', 4)] })
  const listed = (expiresAt: Date | undefined) => ({ allowlist: { ids: new Set(['CVE-2026-1']), expiresAt } })
  const passes = { ...allowed, notes: ['waived'] }

  test("by Harbor's allowlist, until it ends", () => {
    expect(codes(policy(listed(undefined)), facts)).toEqual(passes)
    expect(codes(policy(listed(daysAgo(-1))), facts)).toEqual(passes)
    expect(codes(policy(listed(now)), facts)).toEqual(refused('vulnerable'))
  })

  test('by an exception, until it ends', () => {
    expect(codes(policy({ exceptions: [exception()] }), facts)).toEqual(passes)
    expect(codes(policy({ exceptions: [exception({ expiresAt: now })] }), facts)).toEqual(refused('vulnerable'))
  })

  test('not when the vulnerability has become worse since', () => {
    expect(codes(policy({ exceptions: [exception({ severity: 3 })] }), facts)).toEqual(refused('vulnerable'))
  })

  test('of one package only', () => {
    expect(codes(policy({ exceptions: [exception({ package: 'openssl' })] }), facts)).toEqual(passes)
    expect(codes(policy({ exceptions: [exception({ package: 'zlib' })] }), facts)).toEqual(refused('vulnerable'))
  })

  test('of one vulnerability only', () => {
    const two = evidence({ findings: [finding('CVE-2026-1', 4), finding('CVE-2026-2', 3)] })
    const { reasons } = judge(policy({ exceptions: [exception()] }), two, now)
    expect(reasons).toMatchObject([{ counts: { high: 1 }, vulnerabilities: ['CVE-2026-2'] }])
  })
})

describe('the database (G9)', () => {
  const built = (days: number) => ({ generation: { ...freshDatabase, builtAt: daysAgo(days) } })

  test('has to be there', () => {
    expect(codes(policy(), evidence({ generation: undefined }))).toEqual(refused('no-database'))
  })

  test('is good for seven days', () => {
    expect(codes(policy(), evidence(built(7), now))).toEqual(allowed)
    expect(judge(policy(), evidence(built(6.5), now), now).notAfter).toEqual(daysAgo(-0.5))
  })

  test('says nothing of what came after those', () => {
    expect(codes(policy(), evidence(built(8), daysAgo(0.5)))).toEqual(refused('database-too-old'))
  })

  test('leaves what was there before, marked', () => {
    const facts = evidence(built(8), daysAgo(2))
    expect(codes(policy(), facts)).toEqual({ ...allowed, notes: ['stale'] })
    expect(codes(policy({ staleDeny: true }), facts)).toEqual(refused('database-too-old'))
    // What it does find still counts.
    const bad = evidence({ ...built(8), findings: [finding('A', 4)] }, daysAgo(2))
    expect(codes(policy(), bad)).toEqual({ allow: false, reasons: ['vulnerable'], notes: ['stale'] })
  })

  test('too old: the glass may be broken, and that ends', () => {
    const facts = evidence(built(8), now)
    const glass = (until: Date) => policy({ breakGlass: { reason: 'mirror is down', by: 'user:alice', until } })
    expect(codes(glass(daysAgo(-0.5)), facts)).toEqual({ ...allowed, notes: ['break-glass'] })
    expect(judge(glass(daysAgo(-0.5)), facts, now).notAfter).toEqual(daysAgo(-0.5))
    expect(codes(glass(now), facts)).toEqual(refused('database-too-old'))
    // It is no way past anything else.
    const bad = evidence({ ...built(8), findings: [finding('A', 4)] }, now)
    expect(codes(glass(daysAgo(-0.5)), bad)).toMatchObject({ allow: false })
  })
})

describe('modes and the floor', () => {
  const bad = evidence({ findings: [finding('A', 3)] })

  test('warn allows, and says what it would have refused', () => {
    const { allow, reasons } = judge(policy({ mode: 'warn' }), bad, now)
    expect({ allow, reasons }).toMatchObject({ allow: true, reasons: [{ code: 'vulnerable', enforced: false }] })
  })

  test('the stricter of both holds', () => {
    const floor = { origin: 'system', threshold: thresholdOf('critical') } as const
    expect(codes(policy({ mode: 'warn' }, floor), bad)).toMatchObject({ allow: true })
    const worse = evidence({ findings: [finding('A', 4)] })
    const verdict = judge(policy({ mode: 'warn' }, floor), worse, now)
    expect(verdict.allow).toBe(false)
    // What is enforced is what a client reads.
    expect(verdict.reasons[0]).toMatchObject({ origin: 'system', enforced: true })
    expect(codes(policy({}, { ...floor, mode: 'warn' }), bad)).toMatchObject({ allow: false })
  })

  test('without a rule there is nothing to ask', () => {
    expect(codes({ revision: 1, rules: [], signing: [], hold: 0 }, evidence({ state: 'none' }))).toEqual({
      ...allowed,
      notes: ['not-gated'],
    })
  })
})

describe('not after (G8)', () => {
  it('is the first end of what a verdict rests on', () => {
    const facts = evidence({ findings: [finding('CVE-2026-1', 4), finding('B', 4)] })
    const ids = new Set(['B'])
    const rests = (exceptionEnds: number, listEnds: number) =>
      judge(
        policy({
          exceptions: [exception({ expiresAt: new Date(now.getTime() + exceptionEnds) })],
          allowlist: { ids, expiresAt: new Date(now.getTime() + listEnds) },
        }),
        facts,
        now,
      ).notAfter.getTime() - now.getTime()
    expect(rests(60_000, 90_000)).toBe(60_000)
    expect(rests(90_000, 60_000)).toBe(60_000)
    expect(rests(90 * day, 90 * day)).toBe(day)
  })
})
