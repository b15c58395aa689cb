/**
 * Writes docs/reference/metrics.md from the server's list of metrics.
 * With --check it writes nothing and fails when the page is not what the list says.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { renderMetricsReference } from '../server/src/observability/index.ts'

const page = new URL('../docs/reference/metrics.md', import.meta.url)
const rendered = renderMetricsReference()

if (!process.argv.includes('--check')) writeFileSync(page, rendered)
else if (readFileSync(page, 'utf8') !== rendered) {
  console.error('docs/reference/metrics.md is not what the server serves: run `node tools/gen-metrics-reference.ts`.')
  process.exitCode = 1
}
