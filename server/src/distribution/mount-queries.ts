import { type Digest, digestToBytes } from '@breakwater/oci'
import type { Db } from '../metadata/index.ts'
import { blobIsOpen, type GatedPlace } from '../policy/index.ts'

/** A repository that a blob may be linked from. */
export interface MountSource extends GatedPlace {
  /** Whether a pull of the blob from there has to ask nobody. */
  readonly open: boolean
}

/** Repositories that are looked at for one mount, and those of them that the gate may be asked about. */
const most = { looked: 100, asked: 3 }

/** Repositories that have the blob and that the caller may pull from; first those that have to ask nobody. */
export async function findMountSources(
  db: Db,
  who: { readonly kind: 'user' | 'robot'; readonly id: number },
  digest: Digest,
): Promise<MountSource[]> {
  const { rows } = await db.query<MountSource>(
    `select * from (select p.id as "projectId", r.id as "repositoryId", p.name || '/' || r.name as repository,
       ${blobIsOpen('r.id', 'l.digest')} as open
     from repository_blob l
       join repository r on r.id = l.repository_id
       join project p on p.id = r.project_id and p.deleted_at is null
     where l.digest = $1 and l.doomed_at is null
       and not exists (select from blob b where b.digest = $1 and b.damaged_at is not null) and may_pull(p.id, p.public, $2, $3) limit ${most.looked}) found
     order by open desc limit ${most.asked}`,
    [digestToBytes(digest), who.kind === 'user' ? who.id : null, who.kind === 'robot' ? who.id : null],
  )
  return rows
}
