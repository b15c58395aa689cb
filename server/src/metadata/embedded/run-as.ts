import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { Binaries } from './binaries.ts'

/** A way to run PostgreSQL's programs, which refuse to run as root. */
export interface RunAs {
  /** The uid that owns the cluster's files when it is run this way, as seen by this process. */
  readonly owner: number
  /** Programs that run the one they are given: a user namespace, a signal for when this process dies. */
  readonly prefix: readonly string[]
  readonly identity?: { readonly uid: number; readonly gid: number }
}

/** A command for node:child_process. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly options: { readonly uid?: number; readonly gid?: number; readonly env: Readonly<Record<string, string>> }
}

/** How to start `program` in the chosen way. */
export function commandAs(runAs: RunAs, env: Command['options']['env'], program: string, args: string[]): Command {
  const [file = program, ...rest] = [...runAs.prefix, program, ...args]
  return { file, args: rest, options: { ...runAs.identity, env } }
}

/**
 * The first way that works here to run the server on `dataDir`, which is made private to its owner.
 * Throws with what each way answered, and the remedy.
 */
export function chooseServerRunAs(binaries: Binaries, dataDir: string): RunAs {
  const uid = process.getuid?.() ?? 0
  const ways = uid === 0 ? waysForRoot() : withDeathSignal({ owner: uid, prefix: [] })
  return firstThatWorks(ways, binaries, dataDir)
}

/**
 * The way to run initdb beside a server that runs as `server`: initdb looks its account name up, which a uid may lack
 * and the server does without. Throws as above.
 */
export function chooseInitdbRunAs(server: RunAs, binaries: Binaries, dataDir: string): RunAs {
  const uid = process.getuid?.() ?? 0
  if (uid === 0 || hasAccountName()) return server
  return firstThatWorks(withDeathSignal(inNamespace(uid)), binaries, dataDir)
}

/** Root keeps owning the files inside a user namespace, so that way comes first. */
function waysForRoot(): RunAs[] {
  const { uid, gid } = unprivilegedAccount()
  return [...withDeathSignal(inNamespace(0)), ...withDeathSignal({ owner: uid, prefix: [], identity: { uid, gid } })]
}

function inNamespace(owner: number): RunAs {
  return { owner, prefix: ['unshare', '--user', `--map-user=${unprivilegedAccount().uid}`] }
}

// PostgreSQL shuts down by itself when this process is killed. Without setpriv, the next start stops it.
function withDeathSignal(runAs: RunAs): RunAs[] {
  return [{ ...runAs, prefix: [...runAs.prefix, 'setpriv', '--pdeathsig', 'INT'] }, runAs]
}

function firstThatWorks(ways: RunAs[], binaries: Binaries, dataDir: string): RunAs {
  const answers: string[] = []
  for (const way of ways) {
    if (process.getuid?.() === 0) chownSync(dataDir, way.owner, way.identity?.gid ?? 0)
    chmodSync(dataDir, 0o700)
    const script = '"$0" --version && test -w "$1"'
    const { file, args, options } = commandAs(way, binaries.env, 'sh', ['-c', script, binaries.postgres, dataDir])
    try {
      execFileSync(file, args, { ...options, stdio: 'pipe' })
      return way
    } catch (error) {
      answers.push(`${[...way.prefix, `(uid ${way.owner})`].join(' ')}: ${lastLine(error)}`)
    }
  }
  throw new Error(
    `The embedded PostgreSQL cannot run as uid ${process.getuid?.()} with the folder ${dataDir}. Start the server as a ` +
      'plain user that has an account name and owns the data folder, let other users pass the folders above it ' +
      '(chmod o+x), or set BREAKWATER_DATABASE_URL to a PostgreSQL server. ' +
      `Tried: ${answers.join('; ')}`,
  )
}

function lastLine(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
  const fallback = error instanceof Error ? error.message : String(error)
  return (stderr || fallback).split('\n').at(-1) ?? ''
}

function hasAccountName(): boolean {
  try {
    return userInfo().username !== ''
  } catch {
    return false
  }
}

/** The account `nobody`, or else any that is not root's. */
function unprivilegedAccount(): { uid: number; gid: number } {
  const accounts = Array.from(
    readFileSync('/etc/passwd', 'utf8').matchAll(/^([^:]+):[^:]*:(\d+):(\d+):/gm),
    (found) => ({
      name: found[1],
      uid: Number(found[2]),
      gid: Number(found[3]),
    }),
  ).filter((account) => account.uid !== 0)
  const account = accounts.find(({ name }) => name === 'nobody') ?? accounts[0]
  if (!account) {
    throw new Error('The embedded PostgreSQL needs an account that is not root: add one (nobody) to /etc/passwd.')
  }
  return account
}
