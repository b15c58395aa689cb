import type { Db, Tx } from '../metadata/index.ts'

/** Any number that nothing else of the database locks; see migrationLock. */
const countsLock = 0x62776374

/** Differences that one turn folds at most. */
export const foldedAtOnce = 5_000

/** Whether nobody else is folding; nobody else will before the transaction ends. */
export async function lockCounts(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1) as locked', [countsLock])
  return rows[0]?.locked === true
}

/** Moves differences into the counts and returns how many; needs lockCounts. What anybody counts meanwhile stays right. */
export async function foldDeltas(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ folded: number }>({
    name: 'artifact-fold-counts',
    text: `with gone as (
             delete from artifact_delta where (repository_id, id) in (
               select repository_id, id from artifact_delta order by repository_id, id limit $1)
             returning repository_id, project_id, present, plain),
           summed as (
             select g.repository_id, g.project_id, coalesce(c.present, 0) as before,
               sum(g.present) as present, sum(g.plain) as plain
             from gone g left join repository_count c on c.repository_id = g.repository_id
             group by g.repository_id, g.project_id, c.present),
           counted as (
             insert into repository_count as known (repository_id, present, plain)
             select repository_id, present, plain from summed
             on conflict (repository_id) do update
               set present = known.present + excluded.present, plain = known.plain + excluded.plain),
           filled as (
             insert into project_count as known (project_id, repositories)
             select project_id, sum((before + present > 0)::integer - (before > 0)::integer) from summed group by project_id
             on conflict (project_id) do update set repositories = known.repositories + excluded.repositories)
           select count(*) as folded from gone`,
    values: [foldedAtOnce],
  })
  return rows[0]?.folded ?? 0
}

/** Whether there is something to fold. */
export async function hasDeltas(db: Db): Promise<boolean> {
  const { rows } = await db.query<{ some: boolean }>({
    name: 'artifact-has-deltas',
    text: 'select exists(select from artifact_delta) or exists(select from content_delta) as some',
  })
  return rows[0]?.some === true
}
