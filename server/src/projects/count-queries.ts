import type { Db } from '../metadata/index.ts'

/** Moves what creations and deletions of projects have left into their total, which is right without it. */
export async function foldProjects(db: Db): Promise<void> {
  await db.query({
    name: 'projects-fold',
    text: `with gone as (delete from project_delta returning present, open),
             summed as (select sum(present) as present, sum(open) as open from gone having count(*) > 0)
           update project_total t set present = t.present + s.present, open = t.open + s.open from summed s`,
  })
}
