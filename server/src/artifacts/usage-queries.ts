import type { Tx } from '../metadata/index.ts'
import { foldedAtOnce } from './count-queries.ts'

/** Moves differences into what projects use and returns how many; needs lockCounts. */
export async function foldContent(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ folded: number }>({
    name: 'artifact-fold-content',
    // In the order of ids, what came is folded before that it went.
    text: `with gone as (
             delete from content_delta where id in (select id from content_delta order by id limit $1)
             returning project_id, digest, size, links),
           summed as (
             select g.project_id, g.digest, coalesce(c.size, max(g.size)) as size, coalesce(c.links, 0) as before,
               coalesce(c.links, 0) + sum(g.links) as after
             from gone g left join project_content c on c.project_id = g.project_id and c.digest = g.digest
             group by g.project_id, g.digest, c.size, c.links),
           left_out as (
             delete from project_content c using summed s
             where c.project_id = s.project_id and c.digest = s.digest and s.after = 0),
           held as (
             insert into project_content (project_id, digest, size, links)
             select project_id, digest, size, after from summed where after > 0
             on conflict (project_id, digest) do update set links = excluded.links),
           used as (
             insert into project_usage as known (project_id, bytes)
             select project_id, sum(size * ((after > 0)::integer - (before > 0)::integer)) from summed group by project_id
             on conflict (project_id) do update set bytes = known.bytes + excluded.bytes)
           select count(*) as folded from gone`,
    values: [foldedAtOnce],
  })
  return rows[0]?.folded ?? 0
}
