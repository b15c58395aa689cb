import { RegistryError } from '@breakwater/oci'
import { type Actor, record } from '../ledger/index.ts'
import { type Pool, type Tx, transaction } from '../metadata/index.ts'
import { everyProject, lockPolicy, policyChanged } from '../projects/index.ts'
import type { BreakGlass, FloorDocument, ProjectDocument } from './document.ts'
import { mergeDocument, removeBreakGlass } from './policy-queries.ts'

/** Whose policy: a project's, or the floor. */
export interface PolicyOwner {
  readonly id: number
  /** As the ledger writes it: `project production`. */
  readonly label: string
}

export const floorOwner: PolicyOwner = { id: everyProject, label: 'policy floor' }

/** Milliseconds that broken glass lasts (gate.md G9). */
const glassLasts = 24 * 60 * 60_000

/** Sets all members of `settings`; acts on every pull that begins after it returns. */
export function changeSettings(
  pool: Pool,
  owner: PolicyOwner,
  settings: ProjectDocument | FloorDocument,
  actor: Actor,
): Promise<void> {
  return change(pool, owner, actor, 'policy.update', { ...settings }, async (tx) => {
    await mergeDocument(tx, owner.id, settings)
  })
}

/** A database that is too old is put up with for a day; breaking it again begins another. */
export async function breakGlass(pool: Pool, owner: PolicyOwner, reason: string, actor: Actor): Promise<BreakGlass> {
  const glass = { reason, by: actor.name, until: new Date(Date.now() + glassLasts).toISOString() }
  await change(pool, owner, actor, 'policy.break-glass', glass, (tx) =>
    mergeDocument(tx, owner.id, { breakGlass: glass }),
  )
  return glass
}

/** Throws NOT_FOUND where it is not broken. */
export function mendGlass(pool: Pool, owner: PolicyOwner, actor: Actor): Promise<void> {
  return change(pool, owner, actor, 'policy.mend-glass', {}, async (tx) => {
    if (!(await removeBreakGlass(tx, owner.id))) throw new RegistryError('NOT_FOUND', 'the glass is not broken')
  })
}

/** Makes a change of what a policy is made of: it, its consequences and its record in one transaction. */
export function change<R>(
  pool: Pool,
  owner: PolicyOwner,
  actor: Actor,
  action: string,
  detail: Readonly<Record<string, unknown>>,
  work: (tx: Tx) => Promise<R>,
): Promise<R> {
  return transaction(pool, async (tx) => {
    await lockPolicy(tx, owner.id)
    const result = await work(tx)
    await policyChanged(tx, owner.id)
    const projectId = owner.id === everyProject ? undefined : owner.id
    await record(tx, actor, { projectId, action, object: owner.label, detail })
    return result
  })
}
