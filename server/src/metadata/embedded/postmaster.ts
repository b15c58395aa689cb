import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from './run-as.ts'

/** How a process ended: by its own exit code, or by a signal. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** One run of the PostgreSQL server. */
export interface Postmaster {
  readonly pid: number
  /** Resolves when it accepts connections (after recovery, however long that takes); rejects if it ends before. */
  readonly ready: Promise<void>
  /** Resolves when it and its session processes have ended. */
  readonly exited: Promise<Exit>
  /** Fast shutdown, immediate after 20 s; resolves when it has ended. */
  stop(): Promise<void>
}

const fastStopMs = 20_000
const pollMs = 10
const noteEveryMs = 10_000
const rememberedLines = 10

/** Spawns the server of `cluster`. Its log lines go to `log`. Throws when the program cannot be run. */
export function spawnPostmaster(command: Command, cluster: string, log: (line: string) => void): Postmaster {
  // A session of its own: Ctrl-C in a terminal must reach only us, who still have work to finish in the database.
  const child = spawn(command.file, command.args, {
    ...command.options,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  child.on('error', (error) => log(error.message))
  const { pid } = child
  if (pid === undefined) throw new Error(`PostgreSQL cannot be started: ${command.file} cannot be run`)

  const lines: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line)
    if (lines.length > rememberedLines) lines.shift()
    log(line)
  })
  let ended: Exit | undefined
  // Not 'exit': the sessions of a killed server hold the pipe, and a new server cannot start beside them.
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      ended = { code, signal }
      resolve(ended)
    })
  })

  async function untilReady(server: number): Promise<void> {
    let nextNote = Date.now() + noteEveryMs
    while (!isReady(cluster, server)) {
      if (ended) throw new Error(`PostgreSQL ended while starting (${describeExit(ended)}): ${lines.join('\n')}`)
      if (Date.now() > nextNote) {
        log('PostgreSQL is still starting: it replays what was not yet written to its files')
        nextNote += noteEveryMs
      }
      await wait(pollMs)
    }
  }
  const ready = untilReady(pid)
  // Who stops the server while it starts need not await this one too.
  ready.catch(() => undefined)

  return {
    pid,
    ready,
    exited,
    async stop() {
      child.kill('SIGINT')
      const timer = setTimeout(() => child.kill('SIGQUIT'), fastStopMs)
      await exited
      clearTimeout(timer)
    },
  }
}

// Lines of postmaster.pid: 1 is the pid, 8 the status (PostgreSQL's src/include/utils/pidfile.h; pg_ctl reads it too).
function isReady(cluster: string, pid: number): boolean {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')
    return lines[0] === String(pid) && lines[7]?.trim() === 'ready'
  } catch {
    return false
  }
}

/** An exit in words. */
export function describeExit({ code, signal }: Exit): string {
  return signal ? `signal ${signal}` : `exit code ${code}`
}
