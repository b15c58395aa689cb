import { RegistryError } from '@breakwater/oci'
import type { Actor } from '../ledger/index.ts'
import type { Pool } from '../metadata/index.ts'
import type { AssessDeps } from './assess.ts'
import { change, type PolicyOwner } from './change-policy.ts'
import { floorDefaults } from './document.ts'
import {
  countExceptions,
  insertException,
  type ListedException,
  markRevoked,
  type NewException,
  pushersOf,
  worstSeverity,
} from './exception-queries.ts'
import { findFloor } from './policy-queries.ts'
import { severityNames } from './severity.ts'

/** What is asked for; severity and end are found where they are not given. */
export interface ExceptionRequest
  extends Pick<NewException, 'vulnerability' | 'package' | 'repository' | 'digest' | 'reason'> {
  /** 0 unknown … 4 critical. */
  readonly severity: number | undefined
  readonly expiresAt: Date | undefined
}

type ExceptionDeps = Pick<AssessDeps, 'pool' | 'evidenceOf'>

/** Exceptions that may hold at once in one project; each pull that is judged reads them. */
const mostExceptions = 1_000
const day = 24 * 60 * 60_000

/**
 * Waives a vulnerability until the exception ends, is revoked, or the vulnerability becomes worse. Throws BAD_REQUEST
 * where it would last too long or nothing is known of the vulnerability, FORBIDDEN for what the author pushed.
 */
export async function grantException(
  { pool, evidenceOf }: ExceptionDeps & { readonly pool: Pool },
  owner: PolicyOwner,
  request: ExceptionRequest,
  actor: Actor,
): Promise<ListedException> {
  const { exceptionDays } = { ...floorDefaults, ...(await findFloor(pool)) }
  const now = Date.now()
  const expiresAt = request.expiresAt ?? new Date(now + exceptionDays * day)
  if (expiresAt.getTime() <= now) throw new RegistryError('BAD_REQUEST', 'expires_at is in the past')
  if (expiresAt.getTime() > now + exceptionDays * day + day) {
    throw new RegistryError('BAD_REQUEST', `an exception may last ${exceptionDays} days; ask again when it has ended`)
  }
  if (request.digest && (await pushersOf(pool, request.digest)).includes(actor.name)) {
    throw new RegistryError('FORBIDDEN', 'nobody may except what they pushed themselves; ask somebody else to')
  }
  const severity = request.severity ?? (await severityNow({ pool, evidenceOf }, request))
  const granted = { ...request, projectId: owner.id, author: actor.name, severity, expiresAt }
  const { vulnerability, package: name, repository, digest, reason } = request
  const detail = {
    vulnerability,
    package: name,
    repository,
    digest,
    reason,
    severity: severityNames[severity],
    expiresAt,
  }
  return change(pool, owner, actor, 'exception.create', detail, async (tx) => {
    if ((await countExceptions(tx, owner.id)) >= mostExceptions) {
      throw new RegistryError('BAD_REQUEST', `there are ${mostExceptions} exceptions already; revoke some first`)
    }
    return insertException(tx, granted)
  })
}

/** How bad it is now: what is granted for that lapses when it becomes worse. */
async function severityNow(
  deps: ExceptionDeps,
  { vulnerability, digest, package: name }: ExceptionRequest,
): Promise<number> {
  if (digest) {
    const { findings } = await deps.evidenceOf(digest)
    const found = findings.filter((one) => one.id === vulnerability && (name === undefined || one.package === name))
    if (found.length > 0) return Math.max(...found.map(({ severity }) => severity))
  } else {
    const worst = await worstSeverity(deps.pool, vulnerability)
    if (worst !== undefined) return worst
  }
  const where = digest ? `${digest} has no finding ${vulnerability}` : `no image here has a finding ${vulnerability}`
  throw new RegistryError('BAD_REQUEST', `${where}: check its id, or say up to which severity it is excepted`)
}

/** Ends it now. Throws NOT_FOUND where the owner has none of this id that holds. */
export function revokeException(pool: Pool, owner: PolicyOwner, id: number, actor: Actor): Promise<ListedException> {
  return change(pool, owner, actor, 'exception.revoke', { exception: id }, async (tx) => {
    const revoked = await markRevoked(tx, owner.id, id, actor.name)
    if (!revoked) throw new RegistryError('NOT_FOUND', `exception ${id} not found`)
    return revoked
  })
}
