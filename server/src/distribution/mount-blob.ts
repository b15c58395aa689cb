import { type Digest, parseRepositoryName, type RepositoryName } from '@breakwater/oci'
import { heldActions } from '../access/index.ts'
import { linkFromRepository } from '../blobs/index.ts'
import { record } from '../ledger/index.ts'
import { transaction } from '../metadata/index.ts'
import { findMountSources, type MountSource } from './mount-queries.ts'
import type { Call, DistributionDeps } from './operation.ts'

interface Mount {
  readonly name: RepositoryName
  readonly repositoryId: number
  readonly digest: Digest
  /** Null where any repository that the caller may pull from will do (distribution 1.1, end-11). */
  readonly from: string | null
}

/**
 * Links a blob that another repository has; false where the caller must upload it, which is also the answer to "may not"
 * (gate.md G3: a refusal breaks clients). What a pull would not serve is not mounted either.
 */
export async function mountBlob(deps: DistributionDeps, call: Call, mount: Mount): Promise<boolean> {
  const { repositoryId, digest } = mount
  const source = await findSource(deps, call, mount)
  if (!source) return false
  return transaction(deps.pool, async (tx) => {
    const linked = await linkFromRepository(tx, repositoryId, source.repositoryId, digest)
    if (linked) {
      const detail = mount.from === null ? {} : { from: mount.from }
      await record(tx, call.actor, { action: 'blob.mount', object: `${mount.name}@${digest}`, detail })
    }
    return linked
  })
}

async function findSource(
  deps: DistributionDeps,
  { who }: Call,
  { from, digest }: Mount,
): Promise<MountSource | undefined> {
  const candidates =
    from !== null
      ? await namedSource(deps, who, from, digest)
      : who.kind === 'anonymous'
        ? []
        : await findMountSources(deps.pool, who, digest)
  for (const source of candidates) {
    if (source.open || (await deps.gate.allowsBlob(source, digest))) return source
  }
  return undefined
}

async function namedSource(
  deps: DistributionDeps,
  who: Call['who'],
  from: string,
  digest: Digest,
): Promise<MountSource[]> {
  const name = parseRepositoryName(from)
  if (!name) return []
  const facts = await deps.lookups.blob.get({ name, digest, who })
  const { project, repositoryId, blobSize, open } = facts
  if (!project || repositoryId === undefined || blobSize === undefined) return []
  // By role, like a mount without `from`: a client's token often names only the repository that it pushes to.
  if (!heldActions(who, facts).includes('pull')) return []
  return [{ projectId: project.id, repositoryId, repository: name, open }]
}
