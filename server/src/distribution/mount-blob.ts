import { type Digest, parseRepositoryName, type RepositoryName } from '@breakwater/oci'
import { heldActions } from '../access/index.ts'
import { linkFromElsewhere, linkFromRepository } from '../blobs/index.ts'
import { record } from '../ledger/index.ts'
import { transaction } from '../metadata/index.ts'
import type { Call, DistributionDeps } from './operation.ts'

interface Mount {
  readonly name: RepositoryName
  readonly repositoryId: number
  readonly digest: Digest
  /** Null where any repository that the caller may pull from will do (distribution 1.1, end-11). */
  readonly from: string | null
}

/** Links a blob that another repository has; false where the caller must upload it, which is also the answer to "may not". */
export async function mountBlob(deps: DistributionDeps, call: Call, mount: Mount): Promise<boolean> {
  const { who, actor } = call
  const { repositoryId, digest } = mount
  const source = mount.from === null ? 'any' : await pullableSource(deps, call, mount.from, digest)
  if (source === undefined || (source === 'any' && who.kind === 'anonymous')) return false
  return transaction(deps.pool, async (tx) => {
    const linked =
      source === 'any'
        ? who.kind !== 'anonymous' && (await linkFromElsewhere(tx, repositoryId, who, digest))
        : await linkFromRepository(tx, repositoryId, source, digest)
    if (linked) {
      const detail = mount.from === null ? {} : { from: mount.from }
      await record(tx, actor, { action: 'blob.mount', object: `${mount.name}@${digest}`, detail })
    }
    return linked
  })
}

async function pullableSource(
  deps: DistributionDeps,
  { who }: Call,
  from: string,
  digest: Digest,
): Promise<number | undefined> {
  const name = parseRepositoryName(from)
  if (!name) return undefined
  const facts = await deps.lookups.blob.get({ name, digest, who })
  // By role, like a mount without `from`: a client's token often names only the repository that it pushes to.
  return heldActions(who, facts).includes('pull') ? facts.repositoryId : undefined
}
