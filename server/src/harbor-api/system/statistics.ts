import type { Statistic } from '@breakwater/harbor-contract'
import { type HandlersOf, json } from '../operation.ts'
import { requireLogin } from '../permit.ts'
import { viewerOf } from '../projects/project-list.ts'
import { countVisible, storedBytes } from './statistics-queries.ts'

/** Of what the caller sees; totals are for administrators, others get 0 there. */
export const statisticsHandlers: HandlersOf<'getStatistic'> = {
  async getStatistic({ pool }, { caller }) {
    requireLogin(caller)
    const counts = await countVisible(pool, viewerOf(caller))
    const all = caller.systemAdmin
    return json({
      private_project_count: counts.privateProjects,
      private_repo_count: counts.privateRepositories,
      public_project_count: counts.publicProjects,
      public_repo_count: counts.publicRepositories,
      total_project_count: all ? counts.privateProjects + counts.publicProjects : 0,
      total_repo_count: all ? counts.privateRepositories + counts.publicRepositories : 0,
      total_storage_consumption: all ? await storedBytes(pool) : 0,
    } satisfies Statistic)
  },
}
