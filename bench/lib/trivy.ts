import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Sample } from './comparison.ts'
import { findTool } from './tools.ts'

const execute = promisify(execFile)
const offline = ['--skip-db-update', '--skip-java-db-update', '--offline-scan', '--skip-version-check']
const quiet = ['--disable-telemetry', '--quiet', '--scanners', 'vuln', '--format', 'json', '--output', '/dev/null']
/** The shell's own record of the children that it has waited for: user and system time, in ticks of 10 ms. */
const measured = '"$@" && cut -d" " -f16,17 /proc/$$/stat'
const millisecondsPerTick = 10

/** A cache folder of trivy with this database, and nothing that was scanned before. */
export async function createTrivyCache(folder: string, database: string): Promise<string> {
  mkdirSync(join(folder, 'db'), { recursive: true })
  await execute('tar', ['-C', join(folder, 'db'), '-xzf', database])
  return folder
}

/** One `trivy image` of a layout: its CPU, and how long it took. */
export async function measureTrivy(cacheFolder: string, layout: string): Promise<Sample> {
  const scan = [findTool('trivy'), 'image', '--cache-dir', cacheFolder, ...offline, ...quiet, '--input', layout]
  const begun = performance.now()
  const { stdout } = await execute('sh', ['-c', measured, 'sh', ...scan])
  const p50Ms = performance.now() - begun
  const ticks = stdout.trim().split(' ').map(Number)
  const cpuMsPerUnit = ticks.reduce((sum, one) => sum + one, 0) * millisecondsPerTick
  return { cpuMsPerUnit, unitsPerSecond: 1000 / p50Ms, p50Ms }
}
