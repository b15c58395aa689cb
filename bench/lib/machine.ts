import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'
import { findTool } from './tools.ts'

/** What a figure is worth nothing without. */
export interface Circumstances {
  readonly commit: string
  readonly date: string
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly kernel: string
  readonly node: string
}

function output(command: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(command, [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined
  }
}

/** Commit (with `-dirty` when files differ from it), time, machine and runtime of this run. */
export function circumstances(): Circumstances {
  const commit = output('git', ['rev-parse', '--short=10', 'HEAD']) ?? 'uncommitted'
  const dirty = commit !== 'uncommitted' && output('git', ['status', '--porcelain', '--', ':!bench/results']) !== ''
  return {
    commit: dirty ? `${commit}-dirty` : commit,
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
  }
}

/** The last word of what the distribution program says about its version. */
export function distributionVersion(): string {
  return output(findTool('distribution'), ['--version'])?.split(' ').at(-1) ?? 'unknown'
}
