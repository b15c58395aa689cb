import { readdirSync, readFileSync } from 'node:fs'

export interface GroupMember {
  readonly pid: number
  /** The arguments, separated by spaces. */
  readonly command: string
}

/** The living processes of a group. */
export function listGroup(group: number): readonly GroupMember[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => groupOf(name) === group)
    .map((name) => ({ pid: Number(name), command: readProc(name, 'cmdline').replaceAll('\0', ' ') }))
    .filter(({ command }) => command !== '')
}

function groupOf(pid: string): number {
  // After the name, which stands in parentheses and may hold anything: state, parent, group.
  const fields = readProc(pid, 'stat').split(') ').at(-1)?.split(' ')
  return Number(fields?.[2])
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
