import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { cleanEnvironment } from './environment.ts'
import { until } from './until.ts'

export interface DaemonOptions {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Gets both output streams; appended to. */
  readonly logFile: string
  /** How long it may take to end when asked to, before it is killed. */
  readonly graceMs?: number
}

/** A program in a process group of its own, as a shell starts one. */
export interface Daemon extends AsyncDisposable {
  readonly pid: number
  readonly hasEnded: () => boolean
  /** The exit code, once it has ended; null after a signal. */
  readonly ended: Promise<number | null>
  /** Signals the whole group, as a terminal does at Ctrl-C. */
  readonly signalGroup: (signal: NodeJS.Signals) => void
  readonly log: () => string
  /** Waits for an answer. Throws with the log when the program ends first or the time is over. */
  readonly untilReady: (ready: () => Promise<boolean> | boolean) => Promise<void>
}

/** Starts a program that stays. Disposing asks it to end with SIGTERM and kills it when it does not. */
export function startDaemon({ file, args, env = {}, cwd, logFile, graceMs = 20_000 }: DaemonOptions): Daemon {
  const output = openSync(logFile, 'a')
  const child = spawn(file, [...args], {
    cwd,
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', output, output],
    detached: true,
  })
  closeSync(output)
  const { pid } = child
  if (pid === undefined) throw new Error(`${file} cannot be started: is it installed and executable?`)
  let hasEnded = false
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      hasEnded = true
      resolve(code)
    })
  })
  const log = () => readFileSync(logFile, 'utf8').slice(-3000)
  const signalGroup = (signal: NodeJS.Signals) => {
    try {
      process.kill(-pid, signal)
    } catch {
      // The group is empty: all of it has ended.
    }
  }
  // An interrupt may come before anybody has taken charge of it.
  const kill = () => signalGroup('SIGKILL')
  process.prependOnceListener('exit', kill)
  return {
    pid,
    ended,
    log,
    signalGroup,
    hasEnded: () => hasEnded,
    async untilReady(ready) {
      await until(`the start of ${file}`, 60_000, async () => {
        if (hasEnded) throw new Error(`${file} ended while it started; its log ends with:\n${log()}`)
        return await ready()
      })
    },
    async [Symbol.asyncDispose]() {
      if (!hasEnded) child.kill('SIGTERM')
      await Promise.race([ended, sleep(graceMs, undefined, { ref: false })])
      kill()
      await ended
      process.off('exit', kill)
    },
  }
}
