/** The same as `usedStorage`, as a column of `project p` to sort by: it is computed for every project then. */
export const usedBytes = `(select coalesce(sum(size), 0) from (
    select b.digest, b.size from repository r
      join repository_blob l on l.repository_id = r.id join blob b on b.digest = l.digest where r.project_id = p.id
    union
    select m.digest, m.size from repository r
      join repository_manifest m on m.repository_id = r.id where r.project_id = p.id) content)`
