import type { Db, Tx } from '../metadata/index.ts'
import type { Actor, Change, Pull } from './record.ts'

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
  ]
}

export async function record(tx: Tx, actor: Actor, change: Change): Promise<void> {
  await tx.query({
    name: 'ledger-record',
    text: 'select record_change($1, $2, $3, $4, $5, $6, $7)',
    values: changeValues(actor, change),
  })
}

export interface Refusal {
  readonly action: string
  readonly object: string
  readonly reason: string
}

export async function recordRefusal(db: Db, actor: Actor, refusal: Refusal): Promise<void> {
  await db.query({
    name: 'ledger-refusal',
    text: `insert into refusal (minute, actor, address, action, object, reason, request_id)
           values (date_trunc('minute', now()), $1, $2, $3, $4, $5, $6)
           on conflict (minute, actor, address, action, object, reason) do update set count = refusal.count + 1`,
    // The columns form a key, whose size is limited; and anybody can send a long user name.
    values: [
      actor.name.slice(0, 128),
      actor.address,
      refusal.action,
      refusal.object.slice(0, 300),
      refusal.reason,
      actor.requestId,
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

export async function insertPulls(db: Db, pulls: readonly Pull[]): Promise<void> {
  await db.query({
    name: 'ledger-pulls',
    text: `insert into pull (at, repository_id, digest, tag, actor, credential, address)
           select * from unnest($1::timestamptz[], $2::bigint[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::text[])`,
    values: [
      pulls.map((pull) => pull.at),
      pulls.map((pull) => pull.repositoryId),
      pulls.map((pull) => pull.digest),
      pulls.map((pull) => pull.tag ?? null),
      pulls.map((pull) => pull.actor.name),
      pulls.map((pull) => pull.actor.credential),
      pulls.map((pull) => pull.actor.address),
    ],
  })
}
