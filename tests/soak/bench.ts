import { fullSettings, quickSettings, runWorkloads } from '../../bench/lib/run.ts'
import { workloads } from '../../bench/workloads/index.ts'
import type { Scenario } from './scenario.ts'

/** `npm run bench` as a scenario: below scale 1 with its quick settings. */
export const bench: Scenario = {
  name: 'bench',
  about: 'every workload beside CNCF distribution; fails when a goal is missed',
  run: async (scale) => {
    const { cases } = await runWorkloads(workloads, scale < 1 ? quickSettings : fullSettings, undefined)
    const missed = cases.filter(({ met }) => met === false).map(({ name }) => name)
    if (missed.length > 0) throw new Error(`missed goals: ${missed.join('; ')}`)
    return { cases: cases.length }
  },
}
