import { type Pool, transaction } from '../metadata/index.ts'
import { foldDeltas, foldedAtOnce, hasDeltas, lockCounts } from './count-queries.ts'
import { foldContent } from './usage-queries.ts'

/**
 * Folds what pushes and deletions have left into the counts of repositories and projects, and into what projects use.
 * Both are right without it; it keeps them cheap. Any number of processes may call it: one folds, the others have
 * nothing to do.
 */
export async function foldCounts(pool: Pool): Promise<void> {
  if (!(await hasDeltas(pool))) return
  const fold = () =>
    transaction(pool, async (tx) => {
      if (!(await lockCounts(tx))) return 0
      return Math.max(await foldDeltas(tx), await foldContent(tx))
    })
  while ((await fold()) === foldedAtOnce);
}
