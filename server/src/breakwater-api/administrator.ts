import { RegistryError } from '@breakwater/oci'
import type { Caller } from '../harbor-api/index.ts'
import { recordRefusal } from '../ledger/index.ts'
import type { Db } from '../metadata/index.ts'

/**
 * For what only system administrators may do. Throws UNAUTHORIZED for nobody and FORBIDDEN for others, whose attempt is
 * in the ledger before it is answered.
 */
export async function requireAdministrator(
  pool: Db,
  { who, systemAdmin, actor }: Caller,
  refused: { readonly action: string; readonly object: string },
): Promise<void> {
  if (systemAdmin) return
  const anonymous = who.kind === 'anonymous'
  await recordRefusal(pool, actor, { ...refused, reason: anonymous ? 'login' : 'role' })
  if (anonymous) throw new RegistryError('UNAUTHORIZED', 'unauthorized')
  throw new RegistryError('FORBIDDEN', 'only system administrators may do this')
}
