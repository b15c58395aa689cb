import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findTool } from './environment.ts'
import type { Report } from './report.ts'
import type { Scenario } from './scenario.ts'

const signals = { SIGINT: 130, SIGTERM: 143 } as const

/** Performs one scenario on a stage of its own, and leaves nothing behind: no process, no file, also when interrupted. */
export async function performScenario(scenario: Scenario, report: Report): Promise<void> {
  const { name, tools, needsRoot, unavailable, run } = scenario
  if (needsRoot && process.getuid?.() !== 0) return report.skipped(name, 'needs root')
  const obstacle = unavailable?.()
  if (obstacle !== undefined) return report.skipped(name, obstacle)
  const missing = tools.filter((tool) => findTool(tool) === undefined)
  if (missing.length > 0) {
    return report.failed(name, `${missing.join(', ')} not found: put it on PATH or into the folder bin of TOOLS_DIR`)
  }
  const cleanup = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-acceptance-'))
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  cleanup.defer(removeFolder)
  let ending: Promise<void> | undefined
  let exitCode: number | undefined
  const end = () => {
    ending ??= cleanup.disposeAsync()
    return ending
  }
  const interrupts = Object.entries(signals).map(([signal, code]) => {
    const interrupt = () => {
      exitCode = code
      // What was being started has come too late for the stack; it is killed at the exit, and may have written.
      process.once('exit', removeFolder)
      void end().finally(() => process.exit(code))
    }
    process.once(signal, interrupt)
    return () => process.off(signal, interrupt)
  })
  try {
    await run({
      folder,
      use: (resource) => cleanup.use(resource),
      note: report.note,
      async check(what, body) {
        const title = `${name}: ${what}`
        try {
          await body()
          report.passed(title)
        } catch (error) {
          report.failed(title, error)
        }
      },
    })
  } catch (error) {
    report.failed(name, error)
  }
  try {
    await end()
  } catch (error) {
    report.failed(`${name}: cleaning up`, error)
  }
  if (exitCode !== undefined) process.exit(exitCode)
  for (const forget of interrupts) forget()
}
