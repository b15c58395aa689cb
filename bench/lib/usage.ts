import { readFileSync } from 'node:fs'
import type { Target } from './http-client.ts'
import { type ProcessStat, processTree } from './process-tree.ts'

/** What a system is measured by: its first process and the folder that its other processes name. */
export interface Measured {
  readonly pid: number
  readonly dataFolder: string
  /** Further processes on the same database and store: load is spread over all of them, and figures are of all together. */
  readonly replicas?: readonly (Target & Measured)[]
}

/** The processes of the server, its replicas and their database, each once. */
function processesOf(system: Measured): ProcessStat[] {
  const trees = [system, ...(system.replicas ?? [])].flatMap(({ pid, dataFolder }) => processTree(pid, dataFolder))
  return [...new Map(trees.map((stat) => [stat.pid, stat])).values()]
}

/**
 * CPU milliseconds that the server and its database have used so far. Processes that ended are inside the figure of
 * the parent that waited for them, so the difference of two readings misses nobody.
 */
export function cpuMilliseconds(system: Measured): number {
  return processesOf(system).reduce((sum, { cpuMs }) => sum + cpuMs, 0)
}

function kibibytes(file: string, field: string): number {
  try {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'))
    return Number(match?.[1] ?? 0)
  } catch {
    return 0
  }
}

/** Proportional memory of one process in MiB: shared pages are split among those who share them. */
export function processMemoryMiB(pid: number): number {
  return kibibytes(`/proc/${pid}/smaps_rollup`, 'Pss') / 1024
}

/** Proportional memory of the server and its database together, in MiB. */
export function memoryMiB(system: Measured): number {
  return processesOf(system).reduce((sum, { pid }) => sum + processMemoryMiB(pid), 0)
}

/** The most resident memory that one process ever had, in MiB, by the kernel's own mark. */
export function peakResidentMiB(pid: number): number {
  return kibibytes(`/proc/${pid}/status`, 'VmHWM') / 1024
}

/** Bytes on this machine that no disk has yet, in MiB: what a server that skips fsync leaves behind. */
export function dirtyMiB(): number {
  return (kibibytes('/proc/meminfo', 'Dirty') + kibibytes('/proc/meminfo', 'Writeback')) / 1024
}
