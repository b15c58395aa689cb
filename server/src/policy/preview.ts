import { type AssessDeps, assess } from './assess.ts'
import { findPulled, type PulledArtifact } from './preview-queries.ts'
import type { Proposal } from './read-policy.ts'
import type { Reason } from './verdict.ts'

/** What a policy would have done to the pulls that were recorded. */
export interface Preview {
  readonly days: number
  /** Artifacts that were judged; their pulls. */
  readonly judged: { readonly artifacts: number; readonly pulls: number }
  /** Whether there were more artifacts than one preview judges: those that were pulled last are in it. */
  readonly truncated: boolean
  readonly refused: readonly (PulledArtifact & { readonly reasons: readonly Reason[] })[]
}

/** Artifacts that one preview judges. */
const most = 1_000

/** Judges what was pulled in the last `days` as if the proposal were in force. By evidence as it is now. */
export async function previewPolicy(
  deps: AssessDeps,
  projectId: number,
  days: number,
  proposal: Proposal,
): Promise<Preview> {
  const found = await findPulled(deps.pool, projectId, days, most + 1)
  const pulled = found.slice(0, most)
  const refused: Preview['refused'][number][] = []
  for (const artifact of pulled) {
    const { repository, digest } = artifact
    const assessed = await assess(deps, { projectId, repository, digest }, proposal)
    if (assessed && !assessed.verdict.allow) refused.push({ ...artifact, reasons: assessed.verdict.reasons })
  }
  const pulls = pulled.reduce((sum, artifact) => sum + artifact.pulls, 0)
  return { days, judged: { artifacts: pulled.length, pulls }, truncated: found.length > most, refused }
}
