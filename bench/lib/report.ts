import type { CaseResult, Goal, Summary } from './comparison.ts'
import type { Circumstances } from './machine.ts'
import type { Settings } from './workload.ts'

/** What a run leaves behind, as JSON and as a table. */
export interface Report {
  readonly title: string
  readonly circumstances: Circumstances
  readonly distribution: string
  readonly settings: Settings
  readonly cases: readonly CaseResult[]
}

function figure(value: number | undefined, digits = 3): string {
  if (value === undefined) return '–'
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(digits)))
}

function goalText(goal: Goal | undefined, met: boolean | undefined): string {
  if (!goal) return '–'
  const bound = { cpuRatio: 'CPU ratio', memoryMiB: 'MiB', cpuMsPerUnit: 'CPU ms', p50Ms: 'p50 ms' }[goal.of]
  const outcome = met === undefined ? 'not compared' : met ? 'met' : '**missed**'
  return `${bound} ≤ ${goal.atMost}: ${outcome}`
}

function line(result: CaseResult, contender: Summary, first: boolean): string {
  const cells = [
    first ? result.name : '',
    contender.label,
    `${figure(contender.cpuMsPerUnit)} (±${figure(contender.cpuSpread * 50, 2)} %)`,
    figure(contender.unitsPerSecond),
    figure(contender.p50Ms),
    figure(contender.p95Ms),
    figure(contender.p99Ms),
    figure(contender.memoryMiB),
    figure(contender.cpuRatio, 2),
    figure(contender.throughputRatio, 2),
    first ? goalText(result.goal, result.met) : '',
  ]
  return `| ${cells.join(' | ')} |`
}

/** The report as a Markdown page. */
export function markdown(report: Report): string {
  const { circumstances: at, settings } = report
  const head = [
    'case',
    'system',
    'CPU ms per unit',
    'units/s',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'MiB',
    'CPU ratio',
    'speed ratio',
    'goal',
  ]
  const rows = report.cases.flatMap((result) => [
    ...result.contenders.map((contender, index) => line(result, contender, index === 0)),
  ])
  const units = [...new Set(report.cases.map(({ unit }) => unit))].join(', ')
  return `# ${report.title}

Commit ${at.commit}, ${at.date}. ${at.cpu}, ${at.cores} cores, ${at.memoryGiB} GiB, Linux ${at.kernel}, Node ${at.node},
distribution ${report.distribution}. Settings: \`${JSON.stringify(settings)}\`.

Medians of the rounds; ± is half the distance between the lowest and the highest round. Units: ${units}. Ratios are the
first line of a case divided by the line they stand in. How it is measured: [bench/README.md](../README.md).

| ${head.join(' | ')} |
|${head.map(() => '---').join('|')}|
${rows.join('\n')}
`
}

/** One line for the terminal while a run goes on. */
export function progressLine(result: CaseResult): string {
  const parts = result.contenders.map(
    (entry) =>
      `${entry.label} ${figure(entry.cpuMsPerUnit)} ms, ${figure(entry.unitsPerSecond)}/s` +
      (entry.memoryMiB === undefined ? '' : `, ${figure(entry.memoryMiB)} MiB`) +
      (entry.cpuRatio === undefined ? '' : ` (ratio ${figure(entry.cpuRatio, 2)})`),
  )
  return `${result.name}: ${parts.join(' | ')}  ${goalText(result.goal, result.met)}`
}
