import type { Digest } from '@breakwater/oci'
import type { Requirement, TrustKey } from '../signatures/index.ts'
import type { Threshold } from './severity.ts'

/** A waived finding. It holds in a project, or everywhere. */
export interface Exception {
  readonly id: number
  readonly vulnerability: string
  /** Undefined: any. */
  readonly package: string | undefined
  readonly repository: string | undefined
  readonly digest: Digest | undefined
  readonly reason: string
  /** As the ledger names them. */
  readonly author: string
  /** Of the vulnerability when it was granted. */
  readonly severity: number
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** What a project demands of what is pulled from it, or what the floor demands of every project. */
export interface Rule {
  readonly origin: 'project' | 'system'
  readonly threshold: Threshold
  readonly mode: 'enforce' | 'warn'
  /** Findings that nobody has a remedy for do not count. */
  readonly ignoreUnfixed: boolean
  /** A database that is too old refuses also what was here while it was not. */
  readonly staleDeny: boolean
  /** Types of package that may be there although they can't be read yet. */
  readonly acceptNotCovered: readonly string[]
  /** Until when a database that is too old is put up with, and why. */
  readonly breakGlass: { readonly reason: string; readonly by: string; readonly until: Date } | undefined
  /** Harbor's. */
  readonly allowlist: { readonly ids: ReadonlySet<string>; readonly expiresAt: Date | undefined }
  /** Those that hold for the artifact in its place. */
  readonly exceptions: readonly Exception[]
}

/** Whose signature a project, or the whole registry, demands. */
export interface SigningRule {
  readonly origin: 'project' | 'system'
  readonly mode: 'enforce' | 'warn'
  /** Those that may sign in this repository, compromised ones and those past their time too. */
  readonly keys: readonly TrustKey[]
  /** Whether only keys can say that something is signed; else a signature that names the artifact is enough (gate.md G5). */
  readonly pinned: boolean
  readonly requirement: Requirement
}

/** Everything that is demanded of one artifact in one repository. */
export interface Policy {
  /** Of the project; grows with each change of what the rules are made of. */
  readonly revision: number
  readonly rules: readonly Rule[]
  readonly signing: readonly SigningRule[]
  /** Milliseconds that a pull waits for a scan that is under way. */
  readonly hold: number
}
