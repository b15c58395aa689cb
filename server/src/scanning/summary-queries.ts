import { type Digest, digestFromBytes, digestToBytes } from '@breakwater/oci'
import type { Db, Tx } from '../metadata/index.ts'
import type { ScanState } from './scan.ts'
import type { Summary } from './summary.ts'

/** A scan as lists show it. */
export interface ScanGlance {
  readonly id: string
  readonly state: Exclude<ScanState, 'none'>
  readonly startedAt: Date | null
  readonly endedAt: Date | null
  /** By the database in use; null where that has not been asked. */
  readonly summary: Summary | null
}

/**
 * The scans of artifacts, of an index those of what it lists. Without those of what doesn't run: there is nothing to say
 * about them.
 */
export async function glanceAtScans(db: Db, digests: readonly Digest[]): Promise<Map<Digest, ScanGlance[]>> {
  const { rows } = await db.query<ScanGlance & { of: Buffer }>({
    name: 'scanning-glance',
    text: `select part.of, s.id, s.state, s.started_at as "startedAt", s.ended_at as "endedAt",
             case when y.digest is not null then jsonb_build_object('severity', y.severity, 'total', y.total,
               'fixable', y.fixable, 'counts', y.counts) end as summary
           from (select digest as of, digest from unnest($1::bytea[]) as asked (digest)
                 where not exists (select from manifest_reference where parent = asked.digest)
                 union select parent, child from manifest_reference where parent = any($1)) part
             join scan s on s.digest = part.digest
             left join scan_summary y on y.digest = s.digest
               and y.generation = (select id from vulndb_generation where state = 'current')
           where coalesce(s.class, 'image') = 'image'
           order by part.of, s.digest`,
    values: [digests.map(digestToBytes)],
  })
  const glances = new Map<Digest, ScanGlance[]>()
  for (const { of, ...glance } of rows) {
    const digest = digestFromBytes(of)
    glances.set(digest, [...(glances.get(digest) ?? []), glance])
  }
  return glances
}

export interface SummaryRow {
  readonly digest: Digest
  /** Of the scan that it counts. */
  readonly revision: number
  readonly summary: Summary
  readonly worse?: Worsening | undefined
}

/** How an image is worse by one database than by the one before. */
export interface Worsening {
  /** The worst severities, -1 for none. */
  readonly before: number
  readonly after: number
  /** Vulnerabilities of high or critical severity that it did not have before, or not as bad; some of them. */
  readonly ids: readonly string[]
  /** How many there are. */
  readonly count: number
}

/** What was there is replaced. */
export async function putSummaries(tx: Tx, generation: number, rows: readonly SummaryRow[]): Promise<void> {
  await tx.query({
    name: 'scanning-put-summaries',
    text: `insert into scan_summary as known (generation, digest, revision, severity, total, fixable, counts, worse)
           select $1, digest, revision, severity, total, fixable, counts, worse
           from unnest($2::bytea[], $3::bigint[], $4::smallint[], $5::integer[], $6::integer[], $7::jsonb[], $8::jsonb[])
             as given (digest, revision, severity, total, fixable, counts, worse)
           on conflict (generation, digest) do update set revision = excluded.revision, severity = excluded.severity,
             total = excluded.total, fixable = excluded.fixable, counts = excluded.counts, worse = excluded.worse`,
    values: [
      generation,
      rows.map(({ digest }) => digestToBytes(digest)),
      rows.map(({ revision }) => revision),
      rows.map(({ summary }) => summary.severity),
      rows.map(({ summary }) => summary.total),
      rows.map(({ summary }) => summary.fixable),
      rows.map(({ summary }) => JSON.stringify(summary.counts)),
      rows.map(({ worse }) => (worse ? JSON.stringify(worse) : null)),
    ],
  })
}

/** An image that was scanned, and the ids of the questions about its packages. */
export interface ScannedImage {
  readonly digest: Digest
  readonly revision: number
  readonly questions: readonly (number | null)[]
  /** Whether the generation before has counted it. */
  readonly counted: boolean
}

/**
 * Images after `last` in the order of their digests. `missing`: only those that the generation has not counted as they
 * are now.
 */
export async function listScannedImages(
  db: Db,
  by: { readonly generation: number; readonly previous: number | undefined; readonly missing: boolean },
  last: Digest | undefined,
  limit: number,
): Promise<ScannedImage[]> {
  const { rows } = await db.query<Omit<ScannedImage, 'digest'> & { digest: Buffer }>({
    name: 'scanning-images',
    text: `select s.digest, s.revision, to_json(s.questions) as questions, old.digest is not null as counted
           from scan s left join scan_summary old on old.generation = $2 and old.digest = s.digest
           where s.state = 'success' and s.class = 'image' and s.questions is not null
             and ($4::bytea is null or s.digest > $4)
             and not ($3 and exists (select from scan_summary new
               where new.generation = $1 and new.digest = s.digest and new.revision = s.revision))
           order by s.digest limit $5`,
    values: [by.generation, by.previous ?? null, by.missing, last ? digestToBytes(last) : null, limit],
  })
  return rows.map((row) => ({ ...row, digest: digestFromBytes(row.digest) }))
}

/** An answer of a generation, as far as summaries need it: [vulnerability, severity, whether it can be fixed]. */
export interface ShortAnswer {
  readonly question: number
  readonly matches: readonly (readonly [id: string, severity: number, fixable: boolean])[]
}

/** Answers that hold anything, after `last` in the order of their questions. */
export async function listAnswers(db: Db, generation: number, last: number, limit: number): Promise<ShortAnswer[]> {
  const { rows } = await db.query<ShortAnswer>({
    name: 'scanning-answers',
    text: `select question, (select jsonb_agg(jsonb_build_array(one -> 'id', one -> 'severity', one ->> 'fixedVersion' <> ''))
             from jsonb_array_elements(matches) as one) as matches
           from package_answer where generation = $1 and question > $2 and matches <> '[]'
           order by question limit $3`,
    values: [generation, last, limit],
  })
  return rows
}

/** An artifact of a repository that a generation finds worse than the one before. */
export interface WorseArtifact {
  readonly projectId: number
  /** With the project. */
  readonly repository: string
  readonly digest: Digest
  readonly worse: Worsening
}

export async function listWorse(
  db: Db,
  generation: number,
  last: { readonly digest: Digest; readonly repositoryId: number } | undefined,
  limit: number,
): Promise<(WorseArtifact & { readonly repositoryId: number })[]> {
  const { rows } = await db.query<Omit<WorseArtifact, 'digest'> & { digest: Buffer; repositoryId: number }>({
    name: 'scanning-worse',
    text: `select p.id as "projectId", r.id as "repositoryId", p.name || '/' || r.name as repository, y.digest, y.worse
           from scan_summary y join repository_manifest m on m.digest = y.digest
             join repository r on r.id = m.repository_id join project p on p.id = r.project_id and p.deleted_at is null
           where y.generation = $1 and y.worse is not null
             and ($2::bytea is null or (y.digest, r.id) > ($2, $3::bigint))
           order by y.digest, r.id limit $4`,
    values: [generation, last ? digestToBytes(last.digest) : null, last?.repositoryId ?? null, limit],
  })
  return rows.map((row) => ({ ...row, digest: digestFromBytes(row.digest) }))
}

export async function currentGeneration(db: Db): Promise<number | undefined> {
  const { rows } = await db.query<{ id: number }>(`select id from vulndb_generation where state = 'current'`)
  return rows[0]?.id
}
