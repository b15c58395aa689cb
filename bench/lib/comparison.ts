import { median, spread } from './statistics.ts'

/** One measurement of one contender. Latencies only where a unit is one request or transfer. */
export interface Sample {
  readonly cpuMsPerUnit: number
  readonly unitsPerSecond: number
  readonly p50Ms?: number
  readonly p95Ms?: number
  readonly p99Ms?: number
  /** Proportional memory of the server and its database. */
  readonly memoryMiB?: number
}

/** A system (or a state of one) that a case measures. */
export interface Contender {
  readonly label: string
  readonly measure: (round: number) => Promise<Sample>
}

/** A bound that the design sets: on the ratio to every reference, or on the first contender's own figure. */
export type Goal =
  | { readonly of: 'cpuRatio'; readonly atMost: number }
  | { readonly of: 'memoryMiB' | 'cpuMsPerUnit' | 'p50Ms'; readonly atMost: number }

/** The first contender is the subject, the others are what it is compared with. */
export interface Case {
  readonly name: string
  readonly unit: string
  readonly contenders: readonly Contender[]
  readonly goal?: Goal
}

/** Medians over the rounds. `cpuSpread` is (largest − smallest) ÷ median. */
export interface Summary extends Sample {
  readonly label: string
  readonly rounds: number
  readonly cpuSpread: number
  /** Subject ÷ this contender; on references only. Below 1 means that the subject uses less. */
  readonly cpuRatio?: number
  /** Subject ÷ this contender; on references only. Above 1 means that the subject is faster. */
  readonly throughputRatio?: number
}

export interface CaseResult {
  readonly name: string
  readonly unit: string
  readonly contenders: readonly Summary[]
  readonly goal?: Goal
  /** Undefined without a goal or without what it compares with. */
  readonly met?: boolean
}

const optionalFigures = ['p50Ms', 'p95Ms', 'p99Ms', 'memoryMiB'] as const

function summarize(label: string, samples: readonly Sample[]): Summary {
  const cpu = samples.map(({ cpuMsPerUnit }) => cpuMsPerUnit)
  const optional = optionalFigures.flatMap((figure) => {
    const values = samples.map((sample) => sample[figure]).filter((value) => value !== undefined)
    return values.length > 0 ? [[figure, median(values)] as const] : []
  })
  return {
    label,
    rounds: samples.length,
    cpuMsPerUnit: median(cpu),
    cpuSpread: spread(cpu),
    unitsPerSecond: median(samples.map(({ unitsPerSecond }) => unitsPerSecond)),
    ...Object.fromEntries(optional),
  }
}

function verdict(goal: Goal, subject: Summary, references: readonly Summary[]): boolean | undefined {
  if (goal.of !== 'cpuRatio') {
    const figure = subject[goal.of]
    return figure === undefined ? undefined : figure <= goal.atMost
  }
  if (references.length === 0) return undefined
  return references.every(({ cpuRatio }) => cpuRatio !== undefined && cpuRatio <= goal.atMost)
}

/** Measures the contenders in turn, round after round, so that what disturbs the machine disturbs all of them alike. */
export async function runCase(plan: Case, rounds: number): Promise<CaseResult> {
  const samples = plan.contenders.map((): Sample[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, { measure }] of plan.contenders.entries()) samples[index]?.push(await measure(round))
  }
  const summaries = plan.contenders.map(({ label }, index) => summarize(label, samples[index] ?? []))
  const [subject, ...others] = summaries
  if (!subject) throw new Error(`case ${plan.name} has no contender`)
  const references = others.map((reference) => ({
    ...reference,
    ...(reference.cpuMsPerUnit > 0 && { cpuRatio: subject.cpuMsPerUnit / reference.cpuMsPerUnit }),
    throughputRatio: subject.unitsPerSecond / reference.unitsPerSecond,
  }))
  const met = plan.goal && verdict(plan.goal, subject, references)
  return {
    name: plan.name,
    unit: plan.unit,
    contenders: [subject, ...references],
    ...(plan.goal && { goal: plan.goal }),
    ...(met !== undefined && { met }),
  }
}
