import { RegistryError } from '@breakwater/oci'
import { PublicKeyError, parsePublicKey } from '@breakwater/signing'
import type { Jobs } from '../jobs/index.ts'
import { type Actor, record } from '../ledger/index.ts'
import { type Tx, transaction } from '../metadata/index.ts'
import { everyProject, lockPolicy, policyChanged } from '../projects/index.ts'
import { findUnverifiedIn } from './evidence-queries.ts'
import { complete, type SignatureDeps } from './examine.ts'
import { mostKeys, type TrustKey, type TrustSettings, verifiers } from './trust.ts'
import { countKeys, deleteKey, findTrust, insertKey, mergeSettings, updateKey } from './trust-queries.ts'

/** Whose trust: a project's, or the whole registry's. */
export interface TrustOwner {
  /** 0: of the whole registry. */
  readonly id: number
  /** As the ledger writes it: `project production`. */
  readonly label: string
}

export interface TrustDeps extends SignatureDeps {
  readonly jobs: Pick<Jobs, 'enqueue'>
}

export type NewKey = Pick<TrustKey, 'name' | 'pem' | 'repositories' | 'annotations' | 'validUntil'>

/**
 * Pins a public key: signatures by it count from now on, those that are there already too. Throws BAD_REQUEST for what is
 * no usable key, CONFLICT where the name or the key is pinned already.
 */
export async function addKey(deps: TrustDeps, owner: TrustOwner, given: NewKey, actor: Actor): Promise<TrustKey> {
  const { fingerprint, algorithm, pem } = readPublicKey(given.pem)
  const { name, repositories, annotations, validUntil } = given
  const detail = { name, fingerprint, algorithm, repositories, annotations, validUntil }
  const added = await change(deps, owner, actor, 'trust.add', detail, async (tx) => {
    if ((await countKeys(tx, owner.id)) >= mostKeys) {
      throw new RegistryError('BAD_REQUEST', `there are ${mostKeys} keys already; remove one first`)
    }
    const key = await insertKey(tx, {
      ...given,
      pem,
      fingerprint,
      algorithm,
      projectId: owner.id,
      createdBy: actor.name,
    })
    if (!key)
      throw new RegistryError('CONFLICT', `${owner.label} has a key ${name} already, or this key under another name`)
    await mergeSettings(tx, owner.id, { requirePinned: true })
    return key
  })
  await verifyStored(deps, owner.id)
  return added
}

/** Ends a key's validity, or says that somebody else has it. Throws NOT_FOUND. */
export function changeKey(
  deps: TrustDeps,
  owner: TrustOwner,
  name: string,
  changes: { readonly validUntil?: Date | null; readonly compromised?: true },
  actor: Actor,
): Promise<TrustKey> {
  const action = changes.compromised ? 'trust.compromise' : 'trust.update'
  return change(deps, owner, actor, action, { name, ...changes }, async (tx) => {
    return (await updateKey(tx, owner.id, name, changes)) ?? unknownKey(owner, name)
  })
}

/** Throws NOT_FOUND. */
export async function removeKey(deps: TrustDeps, owner: TrustOwner, name: string, actor: Actor): Promise<void> {
  await change(deps, owner, actor, 'trust.remove', { name }, async (tx) => {
    return (await deleteKey(tx, owner.id, name)) ?? unknownKey(owner, name)
  })
}

export async function changeTrust(
  deps: TrustDeps,
  owner: TrustOwner,
  settings: Partial<TrustSettings>,
  actor: Actor,
): Promise<void> {
  await change(deps, owner, actor, 'trust.settings', settings, (tx) => mergeSettings(tx, owner.id, settings))
}

function readPublicKey(pem: string) {
  try {
    return parsePublicKey(pem)
  } catch (error) {
    if (error instanceof PublicKeyError) throw new RegistryError('BAD_REQUEST', error.message)
    throw error
  }
}

function unknownKey(owner: TrustOwner, name: string): never {
  throw new RegistryError('NOT_FOUND', `${owner.label} has no key ${name}`)
}

/** The change, its consequences and its record in one transaction: verdicts made before it hold no more. */
function change<R>(
  { pool }: SignatureDeps,
  { id, label }: TrustOwner,
  actor: Actor,
  action: string,
  detail: object,
  work: (tx: Tx) => Promise<R>,
): Promise<R> {
  return transaction(pool, async (tx) => {
    await lockPolicy(tx, id)
    const result = await work(tx)
    await policyChanged(tx, id)
    const projectId = id === everyProject ? undefined : id
    await record(tx, actor, { projectId, action, object: label, detail: { ...detail } })
    return result
  })
}

/** Manifests that a change of keys has verified before it is answered; more are a job's. */
const inRequest = 20
const page = 50

/** Verifies what is stored with the keys of a project; what is asked for before that is verified when it is. */
async function verifyStored(deps: TrustDeps, projectId: number): Promise<void> {
  const keys = await keysOf(deps, projectId)
  const first = await unverified(deps, projectId, keys, inRequest + 1)
  try {
    if (first.length <= inRequest) {
      for (const one of first) await complete(deps, one, verifiers(keys))
      return
    }
  } catch {
    // The change is made: what the store does not give now is tried again, and counts for nothing until then.
  }
  const job = { key: `project ${projectId}`, data: { projectId }, lane: 'manual' } as const
  await transaction(deps.pool, (tx) => deps.jobs.enqueue(tx, 'signatures', job))
}

/** The job of a change of keys. */
export async function verifyProject(deps: SignatureDeps, projectId: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const keys = await keysOf(deps, projectId)
    const found = await unverified(deps, projectId, keys, page)
    if (found.length === 0) return
    for (const one of found) {
      signal.throwIfAborted()
      await complete(deps, one, verifiers(keys))
    }
  }
}

async function keysOf({ pool }: SignatureDeps, projectId: number): Promise<readonly TrustKey[]> {
  return (await findTrust(pool, [...new Set([projectId, everyProject])])).keys
}

function unverified({ pool }: SignatureDeps, projectId: number, keys: readonly TrustKey[], limit: number) {
  return findUnverifiedIn(
    pool,
    projectId,
    keys.map(({ fingerprint }) => fingerprint),
    limit,
  )
}
