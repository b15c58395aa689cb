import { inspect, parseArgs } from 'node:util'
import { circumstances } from '../../bench/lib/machine.ts'
import { resultFile, writeResults } from '../../bench/lib/results.ts'
import { bench } from './bench.ts'
import { collectionRace } from './collection-race.ts'
import { collectionSpeed } from './collection-speed.ts'
import { concurrentUploads } from './concurrent-uploads.ts'
import { databaseImport } from './database-import.ts'
import { killEverything } from './kill-everything.ts'
import { killPostgres, killServer } from './kills.ts'
import { largeLayer, manyLayers } from './large-images.ts'
import { outages } from './outages/index.ts'
import { scanKills } from './scan-kills.ts'
import type { Scenario } from './scenario.ts'
import { signatureRejudge } from './signature-rejudge.ts'
import { tagRace } from './tag-race.ts'

const scenarios: readonly Scenario[] = [
  killServer,
  killPostgres,
  killEverything,
  concurrentUploads,
  largeLayer,
  manyLayers,
  tagRace,
  collectionRace,
  collectionSpeed,
  scanKills,
  databaseImport,
  signatureRejudge,
  outages,
  bench,
]

const usage = `npm run soak -- [--only NAME,…] [--scale 0.1]

Runs each scenario against a server of its own and writes bench/results/…-soak-NAME.json.
${scenarios.map(({ name, about }) => `  ${name.padEnd(20)}${about}`).join('\n')}`

const { values } = parseArgs({
  options: { only: { type: 'string' }, scale: { type: 'string' }, help: { type: 'boolean' } },
})
const names = values.only?.split(',') ?? scenarios.map(({ name }) => name)
const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name))
const scale = Number(values.scale ?? 1)

/** Runs one scenario, writes its result, and says whether it passed. */
async function perform(scenario: Scenario): Promise<boolean> {
  const begun = Date.now()
  const at = circumstances()
  console.log(`-- ${scenario.name}: ${scenario.about}`)
  const outcome = await scenario.run(scale).then(
    (figures) => ({ passed: true, figures }),
    (cause: unknown) => ({ passed: false, failure: inspect(cause) }),
  )
  const seconds = (Date.now() - begun) / 1000
  writeResults(resultFile(at, `soak-${scenario.name}`), { scenario: scenario.name, scale, seconds, ...outcome, at })
  console.log(`${outcome.passed ? 'passed' : 'FAILED'} in ${seconds.toFixed(0)} s`, outcome)
  return outcome.passed
}

if (values.help || unknown.length > 0 || !(scale > 0 && scale <= 1)) {
  if (unknown.length > 0) console.error(`there is no scenario ${unknown.join(', ')}\n`)
  console.log(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  let passed = 0
  let failed = 0
  for (const scenario of scenarios.filter(({ name }) => names.includes(name))) {
    if (await perform(scenario)) passed += 1
    else failed += 1
  }
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}
