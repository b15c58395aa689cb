import { type Digest, digestFromBytes, digestToBytes, hexOf } from '@breakwater/oci'
import type { Db } from '../metadata/index.ts'

/** Another repository that has the artifact, with something attached to it. */
export interface Source {
  readonly repositoryId: number
  /** With the project. */
  readonly repository: string
  readonly project: string
  readonly public: boolean
}

/** Those that somebody may pull from by a role or grant: that a project is public does not count (gate.md G7). */
export async function findSources(
  db: Db,
  who: { readonly kind: 'user' | 'robot'; readonly id: number },
  repositoryId: number | undefined,
  digest: Digest,
  limit: number,
): Promise<Source[]> {
  const { rows } = await db.query<Source>({
    name: 'promotion-sources',
    text: `select r.id as "repositoryId", p.name || '/' || r.name as repository, p.name as project, p.public
           from repository_manifest m
             join repository r on r.id = m.repository_id and r.id is distinct from $1
             join project p on p.id = r.project_id and p.deleted_at is null
           where m.digest = $2
             and exists (select from referrer f where f.repository_id = m.repository_id and f.subject = m.digest)
             and may_pull(p.id, false, $3, $4)
           order by m.pushed_at desc, r.id limit $5`,
    values: [
      repositoryId ?? null,
      digestToBytes(digest),
      who.kind === 'user' ? who.id : null,
      who.kind === 'robot' ? who.id : null,
      limit,
    ],
  })
  return rows
}

/** What is attached to the artifact in another repository, and the signature's tag where it has it. */
export interface Attached {
  readonly digest: Digest
  readonly tag: string | undefined
  /** Whether it holds a signature that names the artifact; by one of the keys, if there are keys. */
  readonly signs: boolean
}

/** What has its signature's tag first, then signatures, then the rest; nothing that is attached here already. */
export async function findAttached(
  db: Db,
  source: Pick<Source, 'repositoryId'>,
  { repositoryId, digest }: { readonly repositoryId: number | undefined; readonly digest: Digest },
  fingerprints: readonly string[] | undefined,
  limit: number,
): Promise<Attached[]> {
  const { rows } = await db.query<{ digest: Buffer; tag: string | null; signs: boolean }>({
    name: 'promotion-attached',
    text: `select f.digest, t.name as tag, exists (
               select from signature_evidence e where e.manifest = f.digest and e.kind = 'signature' and e.subject = f.subject
                 and ($4::text[] is null or exists (select from signature_result x where x.manifest = e.manifest
                   and x.entry = e.entry and x.code = 'ok' and x.fingerprint = any($4)))) as signs
           from referrer f
             left join tag t on t.digest = f.digest and t.repository_id = f.repository_id and t.name = $5
           where f.repository_id = $1 and f.subject = $2 and not exists (select from referrer here
             where here.repository_id = $3 and here.subject = f.subject and here.digest = f.digest
               and (t.name is null or exists (select from tag k where k.repository_id = $3 and k.name = t.name)))
           order by t.name is null, signs desc, f.id limit $6`,
    values: [
      source.repositoryId,
      digestToBytes(digest),
      repositoryId ?? null,
      fingerprints ?? null,
      `sha256-${hexOf(digest)}.sig`,
      limit,
    ],
  })
  return rows.map((row) => ({ ...row, digest: digestFromBytes(row.digest), tag: row.tag ?? undefined }))
}

/** Manifests with a signature that names the artifact, in a repository. */
export async function countSignatures(db: Db, repositoryId: number, digest: Digest): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*) from referrer f where f.repository_id = $1 and f.subject = $2 and exists (
       select from signature_evidence e where e.manifest = f.digest and e.kind = 'signature' and e.subject = f.subject)`,
    [repositoryId, digestToBytes(digest)],
  )
  return rows[0]?.count ?? 0
}
