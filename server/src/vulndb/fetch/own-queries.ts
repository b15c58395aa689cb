import { type Digest, digestFromBytes, digestToBytes, type Reference, type RepositoryName } from '@breakwater/oci'
import type { Db } from '../../metadata/index.ts'

export interface OwnManifest {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Buffer
}

/** A manifest of this registry, whoever may pull it. */
export async function findOwnManifest(
  db: Db,
  repository: RepositoryName,
  reference: Reference,
): Promise<OwnManifest | undefined> {
  const { rows } = await db.query<Omit<OwnManifest, 'digest'> & { digest: Buffer }>(
    `select m.digest, m.media_type as "mediaType", m.bytes
     from project p join repository r on r.project_id = p.id join repository_manifest here on here.repository_id = r.id
       join manifest m on m.digest = here.digest
     where p.name || '/' || r.name = $1 and p.name = split_part($1, '/', 1) and p.deleted_at is null
       and m.digest = coalesce($2, (select digest from tag where repository_id = r.id and name = $3))`,
    [
      repository,
      reference.kind === 'digest' ? digestToBytes(reference.digest) : null,
      reference.kind === 'tag' ? reference.tag : null,
    ],
  )
  const [row] = rows
  return row && { ...row, digest: digestFromBytes(row.digest) }
}
