import type { PackageFinding, ScanEvidence } from '../scanning/index.ts'
import type { Evidence } from './evidence.ts'
import type { Exception, Policy, Rule } from './policy.ts'
import { thresholdOf } from './severity.ts'

/** The moment at which tests judge. */
export const now = new Date('2026-11-25T12:00:00Z')

export function daysAgo(days: number): Date {
  return new Date(now.getTime() - days * 86_400_000)
}

export const freshDatabase = {
  id: 7,
  digest: 'sha256:db',
  source: 'file:/db',
  builtAt: daysAgo(1),
  nextUpdate: undefined,
  importedAt: daysAgo(1),
  counts: {},
}

/** A project's rule that refuses from `high` on. */
export function rule(changes: Partial<Rule> = {}): Rule {
  return {
    origin: 'project',
    threshold: thresholdOf('high'),
    mode: 'enforce',
    ignoreUnfixed: false,
    staleDeny: false,
    acceptNotCovered: [],
    breakGlass: undefined,
    allowlist: { ids: new Set(), expiresAt: undefined },
    exceptions: [],
    ...changes,
  }
}

export function policy(...rules: readonly Partial<Rule>[]): Policy {
  return { revision: 1, rules: (rules.length > 0 ? rules : [{}]).map(rule), signing: [], hold: 10_000 }
}

export function finding(id: string, severity: number, changes: Partial<PackageFinding> = {}): PackageFinding {
  return { id, severity, package: 'openssl', version: '1.1.1', fixedVersion: '1.1.2', status: 'fixed', ...changes }
}

/** Of an image that was scanned to the end and known for ten days. */
export function evidence(changes: Partial<ScanEvidence> = {}, knownSince = daysAgo(10)): Evidence {
  return {
    knownSince,
    signatures: { revision: 0, accessory: false, found: [] },
    scan: {
      revision: 3,
      state: 'success',
      class: 'image',
      failure: undefined,
      partial: [],
      notCovered: [],
      generation: freshDatabase,
      findings: [],
      scannedAt: daysAgo(10),
      ...changes,
    },
  }
}

export function exception(changes: Partial<Exception> = {}): Exception {
  return {
    id: 12,
    vulnerability: 'CVE-2026-1',
    package: undefined,
    repository: undefined,
    digest: undefined,
    reason: 'not reachable',
    author: 'user:alice',
    severity: 4,
    createdAt: daysAgo(1),
    expiresAt: daysAgo(-30),
    ...changes,
  }
}
