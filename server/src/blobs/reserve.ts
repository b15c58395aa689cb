import { setTimeout as wait } from 'node:timers/promises'
import { type Digest, RegistryError } from '@breakwater/oci'
import type { ContentStore } from '../content/index.ts'
import type { Db } from '../metadata/index.ts'
import { deletionLeaseMs, reserveRow } from './reserve-queries.ts'

declare const reserved: unique symbol
/** The right to store the bytes of a digest and then to name them; see reserveBlob. */
export type Reservation = string & { readonly [reserved]: true }

const pollMs = { first: 5, most: 250 }

/**
 * To be called before bytes are stored. Waits while a collector deletes bytes of the same digest. The name that is given
 * to them later, in a transaction, asks for the reservation, and is refused where the bytes may have been deleted since.
 */
export async function reserveBlob(db: Db, digest: Digest, size: number): Promise<Reservation> {
  const patience = performance.now() + deletionLeaseMs + 5_000
  for (let pause = pollMs.first; ; pause = Math.min(2 * pause, pollMs.most)) {
    const made = await reserveRow(db, digest, size)
    if (typeof made === 'string') return made as Reservation
    if (performance.now() > patience) throw beingDeleted(digest)
    await wait(pause)
  }
}

/** Stores bytes that are at hand, reserved. */
export async function writeReserved(
  { pool, store }: { readonly pool: Db; readonly store: Pick<ContentStore, 'write'> },
  digest: Digest,
  bytes: Uint8Array,
): Promise<Reservation> {
  const reservation = await reserveBlob(pool, digest, bytes.length)
  await store.write(digest, bytes)
  return reservation
}

/** Bytes were deleted between their arrival and their name: only where that took longer than the grace period. */
export function beingDeleted(digest: Digest): RegistryError {
  return new RegistryError('UNAVAILABLE', `${digest} was deleted while it was being pushed; push it again`, {
    headers: { 'Retry-After': '1' },
  })
}
