import { readdirSync, readFileSync } from 'node:fs'

/** One line of `/proc/PID/stat`, as far as it is needed. Times in milliseconds. */
export interface ProcessStat {
  readonly pid: number
  readonly parent: number
  /** Ticks since boot; with the pid it names a process for good. */
  readonly started: number
  /** User and system time of the process and of the children that it has waited for. */
  readonly cpuMs: number
}

/** Linux reports process times in USER_HZ, which is 100 on every architecture that Node runs on. */
const millisecondsPerTick = 10

/** Reads one process; undefined when it is gone. */
export function readProcess(pid: number): ProcessStat | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined
  }
  // The command name may hold spaces and parentheses; the fields begin after the last one.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const at = (index: number): number => fields[index] ?? 0
  return { pid, parent: at(1), started: at(19), cpuMs: (at(11) + at(12) + at(13) + at(14)) * millisecondsPerTick }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

/**
 * The process `root`, its descendants, and every process whose command line names `folder` (a database server that
 * was cut off from its parent still counts).
 */
export function processTree(root: number, folder: string): ProcessStat[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((stat) => stat !== undefined)
  const members = new Set<number>([root])
  for (const { pid } of all) if (pid !== process.pid && commandLine(pid).includes(folder)) members.add(pid)
  for (let size = 0; size !== members.size; ) {
    size = members.size
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid)
  }
  return all.filter(({ pid }) => members.has(pid))
}

/** The postmaster inside a tree: the `postgres` process whose parent is not one. Undefined when there is none. */
export function findPostmaster(tree: readonly ProcessStat[]): ProcessStat | undefined {
  const name = (pid: number): string => {
    try {
      return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
    } catch {
      return ''
    }
  }
  return tree.find(({ pid, parent }) => name(pid) === 'postgres' && name(parent) !== 'postgres')
}
