import { execFileSync } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { basename } from 'node:path'

/** What tells a running process from a later one with the same pid; undefined when there is none. */
export function processStart(pid: number): string | undefined {
  if (process.platform !== 'linux') return ps(pid, 'lstart=')
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // proc_pid_stat(5): the name in parentheses may hold spaces; state is field 3, starttime field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/** Whether the process is the PostgreSQL server of this cluster folder, which it was started with as `-D`. */
export function isServerOf(pid: number, cluster: string): boolean {
  const folder = realpathSync(cluster)
  if (process.platform !== 'linux') return (ps(pid, 'command=') ?? '').includes(`postgres -D ${folder} `)
  try {
    // Its working directory would say the same, but needs the right to trace it, which containers take from root.
    const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    const given = args[args.indexOf('-D') + 1]
    return basename(program) === 'postgres' && given !== undefined && realpathSync(given) === folder
  } catch {
    return false
  }
}

function ps(pid: number, column: string): string | undefined {
  try {
    return execFileSync('ps', ['-ww', '-o', column, '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}
