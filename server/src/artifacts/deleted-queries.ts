import { type Digest, digestFromBytes, digestToBytes, hexOf } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'
import type { Place } from './remove.ts'

/** That an artifact was taken from its repository, as the ledger has it. */
export interface Deletion {
  /** The repository's full name. */
  readonly repository: string
  readonly digest: Digest
  readonly deletedAt: Date
  /** As the ledger names them. */
  readonly deletedBy: string
  /** That went with it. */
  readonly tags: readonly string[]
  /** The transaction that did it, and what else. */
  readonly transaction: string
}

type DeletionRow = Omit<Deletion, 'digest'> & { readonly digest: Buffer }

const deletionOf = (row: DeletionRow): Deletion => ({ ...row, digest: digestFromBytes(row.digest) })

/** SQL: the last deletion of each artifact of project $1 within $2 milliseconds. Objects read `project/name@digest`. */
const lastDeletions = (condition: string) => `select distinct on (object) split_part(object, '@', 1) as repository,
    decode(split_part(split_part(object, '@', 2), ':', 2), 'hex') as digest, at as "deletedAt", actor as "deletedBy",
    detail -> 'tags' as tags, xid::text as transaction
  from ledger where project_id = $1 and action = 'artifact.delete' and at > now() - $2 * interval '1 ms' and ${condition}
  order by object, at desc, id desc`

/** SQL: whether everything is left that manifest `m` names from a repository. */
const isWhole = (repositoryId: string) => `(
  not exists (select from manifest_blob b where b.manifest = m.digest
    and not exists (select from repository_blob l where l.repository_id = ${repositoryId} and l.digest = b.blob))
  and not exists (select from manifest_reference c where c.parent = m.digest
    and not exists (select from manifest where digest = c.child)))`

const isHere = (repositoryId: string) =>
  `exists (select from repository_manifest a where a.repository_id = ${repositoryId} and a.digest = d.digest)`

/** What can be brought back in a project or one of its repositories (by its full name), the newest deletion first. */
export async function findDeleted(
  db: Db,
  { projectId, repository }: { readonly projectId: number; readonly repository: string | undefined },
  windowMs: number,
  limit: number,
): Promise<Deletion[]> {
  const { rows } = await db.query<DeletionRow>(
    `select d.* from (${lastDeletions(`($3::text is null or split_part(object, '@', 1) = $3)`)}) d
       join repository r on r.project_id = $1 and r.name = substr(d.repository, strpos(d.repository, '/') + 1)
       join manifest m on m.digest = d.digest
     where not ${isHere('r.id')} and ${isWhole('r.id')} order by d."deletedAt" desc, d.digest limit $4`,
    [projectId, windowMs, repository ?? null, limit],
  )
  return rows.map(deletionOf)
}

/** The last deletions of these artifacts; what was not deleted in the window is not among them. */
export async function deletionsOf(
  tx: Tx,
  { projectId, repository }: Place,
  digests: readonly Digest[],
  windowMs: number,
): Promise<Deletion[]> {
  const { rows } = await tx.query<DeletionRow>(lastDeletions('object = any($3)'), [
    projectId,
    windowMs,
    digests.map((digest) => `${repository}@${digest}`),
  ])
  return rows.map(deletionOf)
}

/** What these manifests list and the repository does not have now. */
export async function absentChildren(tx: Tx, repositoryId: number, parents: readonly Digest[]): Promise<Digest[]> {
  const { rows } = await tx.query<{ digest: Buffer }>(
    `select distinct d.digest from (select child as digest from manifest_reference where parent = any($2)) d
     where not ${isHere('$1')}`,
    [repositoryId, parents.map(digestToBytes)],
  )
  return rows.map((row) => digestFromBytes(row.digest))
}

/** Accessories that went with these artifacts, and are not back. `whole`: nothing of them is lost. */
export async function accessoriesDeletedWith(
  tx: Tx,
  { projectId, repositoryId, repository }: Place,
  deletions: readonly Deletion[],
  windowMs: number,
): Promise<(Deletion & { readonly whole: boolean })[]> {
  const { rows } = await tx.query<DeletionRow & { whole: boolean }>(
    `select d.*, m.digest is not null and ${isWhole('$3')} as whole
     from (${lastDeletions(`split_part(object, '@', 1) = $4`)}) d left join manifest m on m.digest = d.digest
     where d.transaction = any($5) and (m.subject = any($6) or d.tags ?| $7) and not ${isHere('$3')}`,
    [
      projectId,
      windowMs,
      repositoryId,
      repository,
      deletions.map(({ transaction }) => transaction),
      deletions.map(({ digest }) => digestToBytes(digest)),
      deletions.map(({ digest }) => `sha256-${hexOf(digest)}.sig`),
    ],
  )
  return rows.map((row) => ({ ...deletionOf(row), whole: row.whole }))
}

/** What a tag names now. */
export async function digestOfTag(tx: Tx, repositoryId: number, name: string): Promise<Digest | undefined> {
  const { rows } = await tx.query<{ digest: Buffer }>('select digest from tag where repository_id = $1 and name = $2', [
    repositoryId,
    name,
  ])
  return rows[0] && digestFromBytes(rows[0].digest)
}
