import { type Digest, RegistryError } from '@breakwater/oci'
import type { ContentStore } from '../content/index.ts'
import { type Actor, record, recordRefusal } from '../ledger/index.ts'
import { transaction } from '../metadata/index.ts'
import { createJudging, type GatedPlace, type JudgingDeps } from './judging.ts'
import { holdsManifest } from './manifest-in-blob.ts'
import { codesOf, policyError, type RefusalStatus, refusal } from './refusal.ts'
import { lacksOnlySignature, type Verdict } from './verdict.ts'
import { type Bearer, findBearers, putServedBlob } from './verdict-queries.ts'

/** What a pull has read of a stored verdict that holds. */
export type KnownVerdict = Pick<Verdict, 'allow' | 'reasons'>

/** What a manifest is read for that only lacks a signature: by who may push, or by who holds `repository:verify`. */
export type UnsignedUse = 'sign' | 'verify'

/** The door `pull`: asked before anything is served from a project that is gated. */
export interface Gate {
  /**
   * Goes on only if the manifest may be pulled; `known`: the verdict that holds, where one was read already. A refusal
   * is in the ledger before it is thrown. Throws UNAVAILABLE where nothing can be said yet. `unsigned`: what the caller may
   * have that only lacks a signature for; its config and layers stay where they are, and the ledger tells.
   */
  requireManifest(
    place: GatedPlace,
    digest: Digest,
    actor: Actor,
    known: KnownVerdict | undefined,
    caller?: { readonly unsigned: UnsignedUse | undefined },
  ): Promise<KnownVerdict>
  /**
   * The same for a blob: it goes out only for the sake of a manifest of the same repository that may be pulled
   * (gate.md G3), whoever asks.
   */
  requireBlob(place: GatedPlace, blob: Digest, actor: Actor): Promise<void>
  /** Whether requireBlob would go on at once. */
  allowsBlob(place: GatedPlace, blob: Digest): Promise<boolean>
}

export interface GateDeps extends JudgingDeps {
  readonly store: Pick<ContentStore, 'read' | 'size'>
  readonly refusalStatus: RefusalStatus
}

/** Manifests that share a blob and are judged for one request, so many at a time, so many times. */
const mostJudged = 64
const mostRounds = 4

export function createGate(deps: GateDeps): Gate {
  const judging = createJudging(deps)

  async function refuse(place: GatedPlace, digest: Digest, actor: Actor, reason: string, error: Error): Promise<never> {
    deps.watch?.judged(false, reason.split(' '))
    const object = `${place.repository}@${digest}`
    await recordRefusal(deps.pool, actor, { action: 'pull', object, reason, projectId: place.projectId })
    throw error
  }

  /** Undefined: it may be served. Otherwise why not; without a verdict, nothing in the repository refers to it. */
  async function findObstacle(place: GatedPlace, blob: Digest, begun: number): Promise<Obstacle | undefined> {
    for (let round = 0; round < mostRounds; round += 1) {
      const bearers = await findBearers(deps.pool, place.repositoryId, blob, mostJudged)
      const { allowed, refused, later } = await judgeBearers(place, bearers, begun)
      if (allowed) return open(place, blob, allowed)
      // Another one that can't be judged yet may turn out to be good.
      if (later) throw later
      const more = bearers.length === mostJudged && bearers.some(({ verdict }) => !verdict)
      if (!more) return refused ?? { digest: blob, verdict: undefined }
    }
    throw new RegistryError('UNAVAILABLE', `many images have ${blob}, and not all are judged yet; try again`, {
      headers: { 'Retry-After': '1' },
    })
  }

  async function judgeBearers(place: GatedPlace, bearers: readonly Bearer[], begun: number): Promise<Judged> {
    let refused: Obstacle | undefined
    let later: RegistryError | undefined
    for (const { digest, verdict: known } of bearers) {
      try {
        const verdict = known ?? (await judging.verdictOn(place, digest, begun))
        if (verdict.allow) return { allowed: digest, refused, later }
        refused ??= { digest, verdict }
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error
        later ??= error
      }
    }
    return { allowed: undefined, refused, later }
  }

  async function open(place: GatedPlace, blob: Digest, manifest: Digest): Promise<Obstacle | undefined> {
    if (await holdsManifest(deps.store, blob)) return { digest: blob, verdict: undefined }
    await transaction(deps.pool, (tx) => putServedBlob(tx, place.repositoryId, blob, manifest))
    return undefined
  }

  return {
    async requireManifest(place, digest, actor, known, caller) {
      const verdict = known ?? (await judging.verdictOn(place, digest, performance.now()))
      if (verdict.allow) {
        deps.watch?.judged(true, [])
        return verdict
      }
      if (caller?.unsigned && lacksOnlySignature(verdict)) {
        const object = `${place.repository}@${digest}`
        const detail = { reasons: codesOf(verdict) }
        await transaction(deps.pool, (tx) =>
          record(tx, actor, {
            projectId: place.projectId,
            action: `manifest.read-to-${caller.unsigned}`,
            object,
            detail,
          }),
        )
        return verdict
      }
      return refuse(place, digest, actor, codesOf(verdict), refusal(deps.refusalStatus, digest, verdict))
    },
    async requireBlob(place, blob, actor) {
      const obstacle = await findObstacle(place, blob, performance.now())
      if (!obstacle) {
        deps.watch?.judged(true, [])
        return
      }
      const { digest, verdict } = obstacle
      if (verdict) await refuse(place, blob, actor, codesOf(verdict), refusal(deps.refusalStatus, digest, verdict))
      const sentence = `blob ${blob} belongs to no image of ${place.repository} that the policy lets through`
      await refuse(place, blob, actor, 'unreferenced', policyError(deps.refusalStatus, sentence, digest, []))
    },
    async allowsBlob(place, blob) {
      try {
        return (await findObstacle(place, blob, Number.NEGATIVE_INFINITY)) === undefined
      } catch (error) {
        if (error instanceof RegistryError) return false
        throw error
      }
    },
  }
}

interface Judged {
  readonly allowed: Digest | undefined
  readonly refused: Obstacle | undefined
  readonly later: RegistryError | undefined
}

interface Obstacle {
  readonly digest: Digest
  readonly verdict: KnownVerdict | undefined
}
