import type { CaseResult } from './comparison.ts'
import { runCase } from './comparison.ts'
import { circumstances, distributionVersion } from './machine.ts'
import { markdown, progressLine, type Report } from './report.ts'
import { resultFile, writeResults } from './results.ts'
import type { Settings, Workload } from './workload.ts'

const gibibyte = 2 ** 30

/** What the published figures are made with. */
export const fullSettings: Settings = {
  rounds: 5,
  seconds: 4,
  largeBlob: gibibyte,
  transfers: 2,
  tags: 10_000,
  growth: [1_000, 10_000, 100_000, 1_000_000],
  idleSeconds: 60,
}

/** Enough to see that everything works and roughly where it stands; a few minutes. */
export const quickSettings: Settings = {
  rounds: 2,
  seconds: 1.5,
  largeBlob: gibibyte / 8,
  transfers: 1,
  tags: 1_000,
  growth: [1_000, 10_000],
  idleSeconds: 10,
}

/**
 * Runs workloads one after another, says how each case went, and writes the results so far after each of them.
 * Returns the report; `file` is without ending and dated by default.
 */
export async function runWorkloads(
  workloads: readonly Workload[],
  settings: Settings,
  file: string | undefined,
): Promise<Report> {
  const at = circumstances()
  const target = file ?? resultFile(at, 'bench')
  const cases: CaseResult[] = []
  const report: Report = {
    title: 'Breakwater beside CNCF distribution',
    circumstances: at,
    distribution: distributionVersion(),
    settings,
    cases,
  }
  for (const workload of workloads) {
    console.log(`-- ${workload.name}`)
    await workload.run(settings, async (plan) => {
      const { goal, ...measured } = plan
      // Without the subject there is nothing that a goal could be asked of.
      const asked = goal && settings.system !== 'distribution' ? plan : measured
      const result = await runCase(asked, settings.rounds)
      cases.push(result)
      console.log(progressLine(result))
    })
    writeResults(target, report, markdown(report))
  }
  console.log(`results: ${target}.md`)
  return report
}
