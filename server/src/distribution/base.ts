import { RegistryError } from '@breakwater/oci'
import { requireCurrent } from './authorize.ts'
import type { Operation } from './operation.ts'

/** end-1 · GET /v2/: whether the credentials are good. */
export const checkBase: Operation<unknown> = async (deps, { who }) => {
  await requireCurrent(deps, who)
  if (who.kind === 'anonymous' && !who.grants) throw new RegistryError('UNAUTHORIZED', 'unauthorized: unauthorized')
  return { status: 200, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: '{}' }
}
