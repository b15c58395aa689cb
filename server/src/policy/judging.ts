import { type Digest, RegistryError, type RepositoryName, repositoryInProject } from '@breakwater/oci'
import { type Pool, transaction } from '../metadata/index.ts'
import { type AssessDeps, type Assessment, assess } from './assess.ts'
import { createScanWait } from './scan-wait.ts'
import type { Verdict } from './verdict.ts'
import { currentGeneration, putVerdict } from './verdict-queries.ts'

/** A repository of a project that is gated. */
export interface GatedPlace {
  readonly projectId: number
  readonly repositoryId: number
  /** With the project. */
  readonly repository: RepositoryName
}

export interface Judging {
  /**
   * A verdict by what is there now, kept for the pulls that follow. Waits for a scan that is under way as long as the
   * policy says, counted from `begun` (as performance.now counts). Throws UNAVAILABLE where none can be made yet,
   * MANIFEST_UNKNOWN where there is nothing to judge.
   */
  verdictOn(place: GatedPlace, digest: Digest, begun: number): Promise<Verdict>
}

export interface JudgingDeps extends AssessDeps {
  readonly pool: Pool
  readonly watch?: GateWatch
}

/** Told of what the gate does. */
export interface GateWatch {
  /** `rules` are the codes of the reasons that refuse; none where it goes on. */
  judged(allow: boolean, rules: readonly string[]): void
  /** Seconds that a pull was held for a scan. */
  held(seconds: number): void
}

/** How often a verdict is made anew because something that it rests on has changed meanwhile. */
const mostChanges = 5

const retry = { headers: { 'Retry-After': '5' } }

export function createJudging(deps: JudgingDeps): Judging {
  const scans = createScanWait(deps.pool)
  const once = createTurns<Assessment & { readonly holds: boolean }>()

  const judgeNow = (place: GatedPlace, digest: Digest) =>
    once(`${place.repositoryId} ${digest}`, async () => {
      const { projectId } = place
      const made = await assess(deps, { projectId, repository: repositoryInProject(place.repository), digest })
      if (!made) throw new RegistryError('MANIFEST_UNKNOWN', `artifact ${place.repository}@${digest} not found`)
      return { ...made, holds: waitsForScan(made.verdict) || (await keep(deps, place, digest, made)) }
    })

  return {
    async verdictOn(place, digest, begun) {
      for (let changes = 0; changes < mostChanges; ) {
        const { verdict, policy, holds } = await judgeNow(place, digest)
        if (waitsForScan(verdict)) {
          const deadline = begun + policy.hold
          if (performance.now() >= deadline) throw notYet(verdict)
          const from = performance.now()
          await scans.until(digest, deadline)
          deps.watch?.held((performance.now() - from) / 1_000)
        } else if (holds) return verdict
        else changes += 1
      }
      throw new RegistryError('UNAVAILABLE', 'what decides on this pull is changing; try again in a few seconds', retry)
    },
  }
}

/** Whether nothing refuses it but that its scan has not ended. */
function waitsForScan({ allow, reasons }: Verdict): boolean {
  return !allow && reasons.every(({ code, enforced }) => !enforced || code === 'scan-running')
}

function notYet({ reasons }: Verdict): RegistryError {
  return new RegistryError('UNAVAILABLE', reasons[0]?.sentence ?? '', retry)
}

async function keep(deps: JudgingDeps, place: GatedPlace, digest: Digest, made: Assessment): Promise<boolean> {
  const { verdict, policy, scan, signatures } = made
  // Of the database only findings tell something; what holds without them holds beside any.
  const byDatabase = scan.state === 'success' && scan.class === 'image'
  const generation = byDatabase ? scan.generation?.id : await currentGeneration(deps.pool)
  return transaction(deps.pool, (tx) =>
    putVerdict(tx, place.repositoryId, digest, verdict, {
      policyRevision: policy.revision,
      evidenceRevision: scan.revision,
      signatureRevision: signatures.revision,
      generation,
    }),
  )
}

/**
 * Of calls with the same key one runs, and those that come meanwhile share the next one: what they get was begun after
 * they asked, so it knows of everything that was changed before.
 */
function createTurns<R>(): (key: string, work: () => Promise<R>) => Promise<R> {
  const turns = new Map<string, { running: Promise<R>; next: Promise<R> | undefined }>()

  function begin(key: string, work: () => Promise<R>): Promise<R> {
    const running = work().finally(() => {
      if (turns.get(key)?.running === running && !turns.get(key)?.next) turns.delete(key)
    })
    turns.set(key, { running, next: undefined })
    return running
  }

  return (key, work) => {
    const turn = turns.get(key)
    if (!turn) return begin(key, work)
    turn.next ??= turn.running.then(
      () => begin(key, work),
      () => begin(key, work),
    )
    return turn.next
  }
}
