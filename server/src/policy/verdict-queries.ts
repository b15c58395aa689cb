import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'
import { judgeVersion } from './judge.ts'
import type { Verdict } from './verdict.ts'

/**
 * SQL: whether a row of `verdict v` in a repository of `project p` still holds. What it was made from is compared with
 * what is there now, so that nobody has to be told of a change.
 */
export const verdictHolds = `v.judge = ${judgeVersion} and v.policy_revision = p.policy_revision and v.not_after > now()
  and v.evidence_revision = coalesce((select revision from scan where scan.digest = v.digest), 0)
  and v.signature_revision = coalesce((select s.revision from signature_state s
    where s.repository_id = v.repository_id and s.subject = v.digest), 0)
  and v.generation is not distinct from (select id from vulndb_generation where state = 'current')`

/** SQL: whether a blob may be served from a repository of `project p` without asking the gate. */
export function blobIsOpen(repositoryId: string, blob: string): string {
  // One look-up by a whole key after the other: a join would leave the planner a choice, which small tables mislead.
  return `(not p.gated or coalesce((select v.allow from verdict v where v.artifact_id =
    (select s.artifact_id from served_blob s where s.repository_id = ${repositoryId} and s.blob = ${blob})
    and ${verdictHolds}), false))`
}

/** What a verdict was made from. */
export interface Basis {
  readonly policyRevision: number
  readonly evidenceRevision: number
  readonly signatureRevision: number
  readonly generation: number | undefined
}

/**
 * Keeps a verdict until something that it was made from changes. False where that has happened already, or the artifact
 * is gone.
 */
export async function putVerdict(
  tx: Tx,
  repositoryId: number,
  digest: Digest,
  { allow, reasons, notes, notAfter }: Verdict,
  basis: Basis,
): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: 'policy-verdict',
    text: `insert into verdict (artifact_id, repository_id, digest, allow, reasons, notes, policy_revision,
             evidence_revision, generation, judge, not_after, signature_revision)
           select a.artifact_id, a.repository_id, a.digest, $3, $4, $5, $6, $7, $8, ${judgeVersion}, $9, $10
           from repository_manifest a join repository r on r.id = a.repository_id join project p on p.id = r.project_id
           where a.repository_id = $1 and a.digest = $2 and p.policy_revision = $6
             and $7 = coalesce((select revision from scan where scan.digest = a.digest), 0)
             and $10 = coalesce((select revision from signature_state s
               where s.repository_id = a.repository_id and s.subject = a.digest), 0)
             and $8::bigint is not distinct from (select id from vulndb_generation where state = 'current')
           for key share of a
           on conflict (artifact_id) do update set allow = excluded.allow, reasons = excluded.reasons,
             notes = excluded.notes, policy_revision = excluded.policy_revision,
             evidence_revision = excluded.evidence_revision, generation = excluded.generation, judge = excluded.judge,
             made_at = now(), not_after = excluded.not_after,
             signature_revision = excluded.signature_revision`,
    values: [
      repositoryId,
      digestToBytes(digest),
      allow,
      JSON.stringify(reasons),
      JSON.stringify(notes),
      basis.policyRevision,
      basis.evidenceRevision,
      basis.generation ?? null,
      notAfter,
      basis.signatureRevision,
    ],
  })
  return rowCount === 1
}

/** A manifest of the repository that needs the blob, and what holds of it now; the newest first. */
export interface Bearer {
  readonly digest: Digest
  /** Undefined where nothing holds. */
  readonly verdict: Pick<Verdict, 'allow' | 'reasons'> | undefined
}

/** An allowed one before those that are not judged, these before refused ones. */
export async function findBearers(db: Db, repositoryId: number, blob: Digest, limit: number): Promise<Bearer[]> {
  const { rows } = await db.query<{ digest: Buffer; allow: boolean | null; reasons: Verdict['reasons'] | null }>({
    name: 'policy-bearers',
    text: `select a.digest, v.allow, v.reasons
           from manifest_blob m
             join repository_manifest a on a.digest = m.manifest and a.repository_id = $1
             join repository r on r.id = a.repository_id
             join project p on p.id = r.project_id
             left join verdict v on v.artifact_id = a.artifact_id and ${verdictHolds}
           where m.blob = $2
           order by v.allow is true desc, v.allow is not null, a.pushed_at desc limit $3`,
    values: [repositoryId, digestToBytes(blob), limit],
  })
  return rows.map(({ digest, allow, reasons }) => ({
    digest: digestFromBytes(digest),
    verdict: allow === null ? undefined : { allow, reasons: reasons ?? [] },
  }))
}

/** Remembers for which manifest's sake a blob is served; forgotten with the manifest. */
export async function putServedBlob(tx: Tx, repositoryId: number, blob: Digest, manifest: Digest): Promise<void> {
  await tx.query({
    name: 'policy-served-blob',
    text: `insert into served_blob (repository_id, blob, artifact_id)
           select a.repository_id, $2, v.artifact_id
           from repository_manifest a join verdict v on v.artifact_id = a.artifact_id
           where a.repository_id = $1 and a.digest = $3 for key share of v
           on conflict (repository_id, blob) do update set artifact_id = excluded.artifact_id`,
    values: [repositoryId, digestToBytes(blob), digestToBytes(manifest)],
  })
}

/** Those of the digests whose scan waits or runs. */
export async function findUnfinished(db: Db, digests: readonly Digest[]): Promise<Set<Digest>> {
  const { rows } = await db.query<{ digest: Buffer }>({
    name: 'policy-unfinished',
    text: `select digest from scan where digest = any($1) and state in ('pending', 'running')`,
    values: [digests.map(digestToBytes)],
  })
  return new Set(rows.map(({ digest }) => digestFromBytes(digest)))
}

/** The id of the vulnerability database that is in use. */
export async function currentGeneration(db: Db): Promise<number | undefined> {
  const { rows } = await db.query<{ id: number }>({
    name: 'policy-generation',
    text: `select id from vulndb_generation where state = 'current'`,
  })
  return rows[0]?.id
}
