import type { Tx } from '../metadata/index.ts'

/** The floor's and the system allowlist's place among those of projects: it concerns them all. */
export const everyProject = 0

/** Any number that nothing else locks. */
const policyLock = 7_305_441

/**
 * To be called first in a transaction that changes what a project's policy is made of. Changes for every project wait
 * for those of single ones, projects that are being made included, and the other way round.
 */
export async function lockPolicy(tx: Tx, projectId: number | 'new'): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock${projectId === everyProject ? '' : '_shared'}($1)`, [policyLock])
}

/**
 * To be called last in that transaction: what was decided under the policy as it was holds no more, and whether pulls
 * are gated is found anew.
 */
export async function policyChanged(tx: Tx, projectId: number): Promise<void> {
  await tx.query(
    `update project p set policy_revision = policy_revision + 1,
       gated = exists (select from project_metadata
           where project_id = p.id and key in ('prevent_vul', 'enable_content_trust_cosign') and value = 'true')
         or exists (select from policy where project_id = $2 and document ->> 'severity' is not null)
         or exists (select from trust_setting where project_id = $2 and document ->> 'demanded' = 'true')
     where p.id = $1 or $1 = $2`,
    [projectId, everyProject],
  )
}
