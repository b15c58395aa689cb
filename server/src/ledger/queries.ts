import type { Db, Tx } from '../metadata/index.ts'
import type { Actor, Change } from './record.ts'

/** The values of `record_change(…)`, for statements that make a change and record it at once. */
export function changeValues(actor: Actor, change: Change): unknown[] {
  return [
    actor.name,
    actor.credential,
    actor.address,
    actor.requestId,
    change.action,
    change.object,
    change.detail ? JSON.stringify(change.detail) : null,
    change.projectId ?? null,
  ]
}

export async function record(tx: Tx, actor: Actor, change: Change): Promise<void> {
  await tx.query({
    name: 'ledger-record',
    text: 'select record_change($1, $2, $3, $4, $5, $6, $7, $8)',
    values: changeValues(actor, change),
  })
}

/** Many changes by one request, in one round trip. */
export async function recordAll(tx: Tx, actor: Actor, changes: readonly Change[]): Promise<void> {
  await tx.query({
    name: 'ledger-record-all',
    text: `select record_change($1, $2, $3, $4, action, object, detail, project_id)
           from unnest($5::text[], $6::text[], $7::jsonb[], $8::bigint[]) as change (action, object, detail, project_id)`,
    values: [
      actor.name,
      actor.credential,
      actor.address,
      actor.requestId,
      changes.map((change) => change.action),
      changes.map((change) => change.object),
      changes.map((change) => (change.detail ? JSON.stringify(change.detail) : null)),
      changes.map((change) => change.projectId ?? null),
    ],
  })
}

export interface Refusal {
  readonly action: string
  readonly object: string
  readonly reason: string
  readonly projectId?: number | undefined
}

export async function recordRefusal(db: Db, actor: Actor, refusal: Refusal): Promise<void> {
  await db.query({
    name: 'ledger-refusal',
    text: `insert into refusal (minute, actor, address, action, object, reason, request_id, project_id)
           values (date_trunc('minute', now()), $1, $2, $3, $4, $5, $6, $7)
           on conflict (minute, actor, address, action, object, reason) do update set count = refusal.count + 1`,
    // The columns form a key, whose size is limited; and anybody can send a long user name.
    values: [
      actor.name.slice(0, 128),
      actor.address,
      refusal.action,
      refusal.object.slice(0, 300),
      refusal.reason,
      actor.requestId,
      refusal.projectId ?? null,
    ],
  })
}

/** A wrong password for `name`, which need not be anybody's. */
export function recordFailedLogin(
  db: Db,
  name: string,
  from: Pick<Actor, 'address' | 'requestId'>,
  object: 'registry' | 'api',
): Promise<void> {
  const actor: Actor = { ...from, name: `user:${name}`, credential: 'basic' }
  return recordRefusal(db, actor, { action: 'login', object, reason: 'bad-password' })
}
