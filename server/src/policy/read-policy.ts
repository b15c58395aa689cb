import type { Digest } from '@breakwater/oci'
import type { Db } from '../metadata/index.ts'
import { everyProject } from '../projects/index.ts'
import { trustDefaults } from '../signatures/index.ts'
import {
  type BreakGlass,
  type FloorSettings,
  floorDefaults,
  type ProjectSettings,
  projectDefaults,
} from './document.ts'
import { matchesGlob } from './glob.ts'
import type { Exception, Policy, Rule, SigningRule } from './policy.ts'
import { type ArtifactFacts, findPolicy, type PolicyFacts, type StoredException } from './policy-queries.ts'
import { thresholdOf } from './severity.ts'

/** One artifact in one repository. */
export interface Place {
  readonly projectId: number
  /** Without the project. */
  readonly repository: string
  readonly digest: Digest
}

/** What a project could have set otherwise, for previews. */
export interface Proposal {
  /** Harbor's metadata. */
  readonly metadata?: Readonly<Record<string, string>>
  readonly settings?: Partial<ProjectSettings>
}

/** Undefined where the project or the content is gone. */
export async function readPolicy(
  db: Db,
  place: Place,
  proposal: Proposal = {},
): Promise<{ readonly policy: Policy; readonly knownSince: Date; readonly now: Date } | undefined> {
  const found = await findPolicy(db, place.projectId, place.digest)
  if (!found?.knownSince) return undefined
  const { knownSince, pushers = [] } = found
  const facts: PolicyFacts = {
    ...found,
    metadata: { ...found.metadata, ...proposal.metadata },
    document: { ...found.document, ...proposal.settings },
  }
  const exceptions = found.exceptions.filter((exception) => concerns(exception, place, { knownSince, pushers }))
  return { policy: policyOf(facts, exceptions, place.repository), knownSince, now: found.now }
}

/** Whether an exception holds for an artifact in its place. Nobody waives for what they pushed themselves. */
function concerns({ repository, digest, author }: Exception, place: Place, { pushers }: ArtifactFacts): boolean {
  return (
    (repository === undefined || matchesGlob(repository, place.repository)) &&
    (digest === undefined || digest === place.digest) &&
    !pushers.includes(author)
  )
}

function policyOf(facts: PolicyFacts, exceptions: readonly StoredException[], repository: string): Policy {
  const rules: Rule[] = []
  const settings = { ...projectDefaults, ...facts.document }
  if (facts.metadata['prevent_vul'] === 'true') {
    // Harbor's rule: without a say on it, the system's list holds.
    const shared = facts.metadata['reuse_sys_cve_allowlist'] !== 'false'
    rules.push({
      ...ruleOf('project', settings, facts.document.breakGlass),
      threshold: thresholdOf(facts.metadata['severity']),
      allowlist: allowlistOf(shared ? facts.systemAllowlist : facts.allowlist),
      exceptions,
    })
  }
  const floor = { ...floorDefaults, ...facts.floor }
  if (floor.severity !== null) {
    rules.push({
      ...ruleOf('system', floor, facts.floor.breakGlass),
      threshold: thresholdOf(floor.severity),
      allowlist: allowlistOf(facts.systemAllowlist),
      // What a project's administrators except must not lower the floor.
      exceptions: exceptions.filter(({ projectId }) => projectId === everyProject),
    })
  }
  return {
    revision: facts.revision,
    rules,
    signing: signingOf(facts, repository),
    hold: settings.holdSeconds * 1000,
  }
}

/** A project takes the keys that hold everywhere for its own; what is demanded everywhere, only those can say. */
function signingOf(facts: PolicyFacts, repository: string): SigningRule[] {
  const rules: SigningRule[] = []
  const mine = ({ repositories }: PolicyFacts['keys'][number]) =>
    repositories === undefined || repositories.some((pattern) => matchesGlob(pattern, repository))
  if (facts.metadata['enable_content_trust_cosign'] === 'true') {
    const { requirement, requirePinned } = { ...trustDefaults, ...facts.trust }
    const { mode } = { ...projectDefaults, ...facts.document }
    const pinned = requirePinned || facts.keys.length > 0
    rules.push({ origin: 'project', mode, keys: facts.keys.filter(mine), pinned, requirement })
  }
  const { demanded, requirement } = { ...trustDefaults, ...facts.systemTrust }
  if (demanded) {
    const { mode } = { ...floorDefaults, ...facts.floor }
    const keys = facts.keys.filter((key) => key.projectId === everyProject && mine(key))
    rules.push({ origin: 'system', mode, keys, pinned: true, requirement })
  }
  return rules
}

function ruleOf(
  origin: Rule['origin'],
  { mode, ignoreUnfixed, staleDeny, acceptNotCovered }: ProjectSettings | FloorSettings,
  glass: BreakGlass | undefined,
): Omit<Rule, 'threshold' | 'allowlist' | 'exceptions'> {
  const breakGlass = glass && { reason: glass.reason, by: glass.by, until: new Date(glass.until) }
  return { origin, mode, ignoreUnfixed, staleDeny, acceptNotCovered, breakGlass }
}

function allowlistOf(list: PolicyFacts['allowlist']): Rule['allowlist'] {
  const expiresAt = list?.expiresAt == null ? undefined : new Date(list.expiresAt * 1000)
  return { ids: new Set(list?.items), expiresAt }
}
