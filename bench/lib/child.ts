import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { send, type Target } from './http-client.ts'
import { processTree, readProcess } from './process-tree.ts'

/** A program to start: its output goes to `logFile`, its data (and its other processes' command lines) to `dataFolder`. */
export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly logFile: string
  readonly dataFolder: string
}

export interface Child {
  readonly pid: number
  readonly hasExited: () => boolean
  /** Resolves when the first process has ended. */
  readonly exited: Promise<void>
  /** Asks to end, waits, and ends by pid what is left of the process tree. */
  readonly stop: () => Promise<void>
}

/** Starts a program. The environment of this process is inherited but for its own BREAKWATER_ settings. */
export function startChild(program: Program): Child {
  const inherited = Object.entries(process.env).filter(([key]) => !key.startsWith('BREAKWATER_'))
  const log = openSync(program.logFile, 'a')
  const child = spawn(program.command, [...program.args], {
    env: { ...Object.fromEntries(inherited), ...program.env },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const { pid } = child
  if (pid === undefined) throw new Error(`${program.command} could not be started: is it installed and executable?`)
  let ended = false
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      ended = true
      resolve()
    })
  })
  const stop = async (): Promise<void> => {
    const tree = processTree(pid, program.dataFolder)
    if (!ended) child.kill('SIGTERM')
    await Promise.race([exited, sleep(20_000, undefined, { ref: false })])
    for (const member of tree) {
      if (readProcess(member.pid)?.started === member.started) killQuietly(member.pid)
    }
    await exited
  }
  return { pid, hasExited: () => ended, exited, stop }
}

/** kill -9 by pid; a process that is gone already is no fault. */
export function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself in between.
  }
}

/** Polls `/v2/` until it answers 200 or 401. Throws with the end of the log when the program ends first or takes too long. */
export async function untilReady(child: Child, target: Target, logFile: string): Promise<void> {
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline && !child.hasExited()) {
    const reply = await send(target, { method: 'GET', path: '/v2/' }).catch(() => undefined)
    if (reply?.status === 200 || reply?.status === 401) return
    await sleep(50)
  }
  const log = readFileSync(logFile, 'utf8').slice(-2000)
  throw new Error(`the server did not become ready at ${target.origin}; its log ends with:\n${log}`)
}
