import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { type EmbeddedDatabase, type EmbeddedOptions, startEmbedded } from './index.ts'
import { processStart } from './process-identity.ts'

export const isRoot = process.getuid?.() === 0

/** A folder that is gone after the test. Everybody may pass through it, so that other accounts reach what is inside. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bw-pg-'))
  chmodSync(folder, 0o755)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** Starts the database in this process, without waiting for the disk; it is stopped after the test. */
export async function start(dataDir: string, options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedDatabase> {
  const database = await startEmbedded({ dataDir, log: () => undefined, settings: { fsync: 'off' }, ...options })
  onTestFinished(() => database.stop())
  return database
}

/** Runs one statement on a connection of its own and returns the first column of the first row. */
export async function ask(connection: EmbeddedDatabase['connection'], sql: string): Promise<unknown> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' })
    return rows[0]?.[0]
  } finally {
    await client.end()
  }
}

/** Another process that has started the database, or has failed to. */
export interface Outcome {
  readonly process: ChildProcess
  readonly database?: { readonly pid: number; readonly connection: EmbeddedDatabase['connection'] }
  readonly error?: string
}

interface ProcessOptions {
  /** A command in front of Node.js. */
  readonly prefix?: readonly string[]
  /** Programs that must seem not to work, by name. */
  readonly broken?: readonly string[]
}

/** Starts a process of its own with the database; SIGTERM stops both, at the latest after the test. */
export function spawnStarter(dataDir: string, { prefix = [], broken = [] }: ProcessOptions = {}): ChildProcess {
  const folder = temporaryFolder()
  for (const name of broken) writeFileSync(join(folder, name), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  const script = `
    const { startEmbedded } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)})
    const options = { dataDir: ${JSON.stringify(dataDir)}, log: () => undefined, settings: { fsync: 'off' } }
    try {
      const { pid, connection, stop } = await startEmbedded(options)
      process.once('SIGTERM', stop)
      console.log(JSON.stringify({ database: { pid, connection } }))
    } catch (error) {
      console.log(JSON.stringify({ error: error.message }))
    }`
  const [file = process.execPath, ...args] = [...prefix, process.execPath, '--input-type=module', '-e', script]
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` }
  const child = spawn(file, args, { env, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => kill(child, 'SIGTERM'))
  return child
}

/** Runs `spawnStarter` up to the point where the database runs or the start has failed. */
export async function startElsewhere(dataDir: string, options?: ProcessOptions): Promise<Outcome> {
  const child = spawnStarter(dataDir, options)
  if (!child.stdout) throw new Error('the child has no output')
  for await (const line of createInterface({ input: child.stdout })) {
    return { process: child, ...(JSON.parse(line) as Omit<Outcome, 'process'>) }
  }
  throw new Error('the process ended without an answer')
}

/** Ends a process the hard way and waits until it is gone. */
export async function kill(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

/** Waits until no process has this pid; throws after ten seconds. */
export async function gone(pid: number): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (processStart(pid) === undefined) return
    await wait(20)
  }
  throw new Error(`process ${pid} still runs`)
}

/** The command in front that gives up root for another account. */
export function asUser(uid: number): string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
}

/** Whether that account can run this Node.js and read these sources, which a checkout in a private home prevents. */
export function canRunAs(uid: number): boolean {
  const [file = '', ...args] = [...asUser(uid), 'sh', '-c', 'test -x "$0" && test -r "$1"']
  try {
    execFileSync(file, [...args, process.execPath, import.meta.filename])
    return true
  } catch {
    return false
  }
}
