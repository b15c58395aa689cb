/** The same as `usedStorage`, as a column of `project p` to sort by. */
export const usedBytes = '(select coalesce(sum(bytes), 0) from counted_usage where project_id = p.id)'
