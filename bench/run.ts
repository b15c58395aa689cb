import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { against } from './lib/against.ts'
import type { Report } from './lib/report.ts'
import { fullSettings, quickSettings, runWorkloads } from './lib/run.ts'
import type { Settings } from './lib/workload.ts'
import { workloads } from './workloads/index.ts'

const usage = `npm run bench -- [--only NAME,…] [--quick] [--system breakwater|distribution] [--out FILE] [--against FILE]

Measures Breakwater beside CNCF distribution and writes FILE.json and FILE.md (bench/results/… by default).
  --only    ${workloads.map(({ name }) => name).join(', ')}
  --quick   small contents, few rounds: to see that it works, not for figures
  --system  measure only this one, for profiling it
  --against an earlier FILE.json, which this run's figures are then divided by`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean' },
    system: { type: 'string' },
    out: { type: 'string' },
    against: { type: 'string' },
    help: { type: 'boolean' },
  },
})

const names = values.only?.split(',') ?? workloads.map(({ name }) => name)
const unknown = names.filter((name) => !workloads.some((workload) => workload.name === name))
const { system } = values
if (values.help || unknown.length > 0 || ![undefined, 'breakwater', 'distribution'].includes(system)) {
  if (unknown.length > 0) console.error(`there is no workload ${unknown.join(', ')}\n`)
  console.log(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  const settings: Settings = {
    ...(values.quick ? quickSettings : fullSettings),
    ...((system === 'breakwater' || system === 'distribution') && { system }),
  }
  const chosen = workloads.filter(({ name }) => names.includes(name))
  // Read first: a file that is not there is found out now, not after the run.
  const earlier = values.against ? (JSON.parse(readFileSync(values.against, 'utf8')) as Report) : undefined
  const report = await runWorkloads(chosen, settings, values.out?.replace(/\.(json|md)$/, ''))
  if (earlier) console.log(against(report, earlier).join('\n'))
}
