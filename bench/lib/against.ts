import type { CaseResult, Summary } from './comparison.ts'
import type { Report } from './report.ts'

/** A later figure divided by the earlier one; a dash where either is missing or 0. */
function ratio(later: number | undefined, earlier: number | undefined): string {
  return later && earlier ? (later / earlier).toFixed(2) : '–'
}

function line(name: string, later: Summary, earlier: Summary): string {
  const cpu = ratio(later.cpuMsPerUnit, earlier.cpuMsPerUnit)
  const speed = ratio(later.unitsPerSecond, earlier.unitsPerSecond)
  return `${name}, ${later.label}: CPU ${cpu} ×, speed ${speed} ×, p99 ${ratio(later.p99Ms, earlier.p99Ms)} ×`
}

/** A line for each system of each case that both reports have, by name: the later figures divided by the earlier. */
export function against(later: Pick<Report, 'cases'>, earlier: Pick<Report, 'cases'>): string[] {
  const find = ({ name }: CaseResult) => earlier.cases.find((one) => one.name === name)
  return later.cases.flatMap((result) =>
    result.contenders.flatMap((contender) => {
      const before = find(result)?.contenders.find(({ label }) => label === contender.label)
      return before ? [line(result.name, contender, before)] : []
    }),
  )
}
