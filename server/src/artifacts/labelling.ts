import { type Digest, RegistryError } from '@breakwater/oci'
import { type Actor, record } from '../ledger/index.ts'
import type { Tx } from '../metadata/index.ts'
import { attachLabel, detachLabel, type Label } from './label-queries.ts'
import { lockChildren } from './push-queries.ts'
import type { Place } from './remove.ts'

interface Labelled extends Place {
  readonly artifact: { readonly id: number; readonly digest: Digest }
}

/** Throws CONFLICT where the artifact has the label, NOT_FOUND where the artifact is gone. */
export async function addLabel(tx: Tx, place: Labelled, label: Label, actor: Actor): Promise<void> {
  const { id, digest } = place.artifact
  if (await lockChildren(tx, place.repositoryId, [digest])) {
    throw new RegistryError('NOT_FOUND', `artifact ${place.repository}@${digest} not found`)
  }
  if (!(await attachLabel(tx, place.repositoryId, digest, label.id))) {
    throw new RegistryError('CONFLICT', `label ${label.id} is already added to the artifact ${id}`)
  }
  await recordLabel(tx, place, 'artifact.label', label, actor)
}

/** Throws NOT_FOUND where the artifact did not have the label. */
export async function removeLabel(
  tx: Tx,
  place: Labelled,
  label: Pick<Label, 'id' | 'name'>,
  actor: Actor,
): Promise<void> {
  const { id, digest } = place.artifact
  if (!(await detachLabel(tx, place.repositoryId, digest, label.id))) {
    throw new RegistryError('NOT_FOUND', `reference with label ID ${label.id} and artifact ID ${id} not found`)
  }
  await recordLabel(tx, place, 'artifact.unlabel', label, actor)
}

function recordLabel(
  tx: Tx,
  place: Labelled,
  action: string,
  label: Pick<Label, 'id' | 'name'>,
  actor: Actor,
): Promise<void> {
  return record(tx, actor, {
    projectId: place.projectId,
    action,
    object: `${place.repository}@${place.artifact.digest}`,
    detail: { label: label.name, labelId: label.id },
  })
}
