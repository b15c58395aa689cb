/**
 * Tells what real clients see of a registry that is started for them from this checkout.
 *
 *   node tests/acceptance/run.ts [NAME...]     all scenarios, or those whose name begins with NAME
 *
 * One line a check, `ok NAME` or `not ok NAME: why`; the last line is `N passed, N failed`, with `, N skipped` when
 * scenarios need root and this is not root. Exits with 1 when something has
 * failed, with 2 when there is no such scenario.
 */
import { scenarios } from './scenarios.ts'
import { createReport } from './support/report.ts'
import { performScenario } from './support/stage.ts'

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !scenarios.some((scenario) => scenario.name.startsWith(name)))
if (unknown.length > 0) {
  const known = scenarios.map((scenario) => scenario.name).join(', ')
  process.stderr.write(`No scenario begins with ${unknown.join(' or ')}; there are ${known}.\n`)
  process.exit(2)
}
const report = createReport((line) => process.stdout.write(`${line}\n`))
for (const scenario of scenarios) {
  if (wanted.length > 0 && !wanted.some((name) => scenario.name.startsWith(name))) continue
  await performScenario(scenario, report)
}
report.total()
process.exitCode = report.hasFailed() ? 1 : 0
