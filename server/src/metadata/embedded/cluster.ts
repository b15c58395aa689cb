import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Binaries } from './binaries.ts'
import { chooseInitdbRunAs, commandAs, type RunAs } from './run-as.ts'

/** The superuser of the cluster; the socket folder decides who may connect. */
export const superuser = 'breakwater'

const unfinished = 'cluster.new-'

/**
 * Makes the cluster below `dataDir` unless it exists, and returns its folder. The caller holds the folder's lock.
 * `runAs` is how the server will run; `durable: false` skips syncing the new files to disk.
 * Throws when the folder was made by another major version, belongs to another user, or initdb fails.
 */
export async function ensureCluster(
  dataDir: string,
  binaries: Binaries,
  runAs: RunAs,
  durable: boolean,
): Promise<string> {
  const cluster = join(dataDir, 'cluster')
  removeUnfinished(dataDir)
  if (existsSync(cluster)) {
    requireMajor(cluster, binaries.major)
    requireOwner(cluster, runAs)
    return cluster
  }
  const temporary = join(dataDir, unfinished + randomBytes(6).toString('hex'))
  await initialise(temporary, binaries, chooseInitdbRunAs(runAs, binaries, dataDir), durable)
  renameSync(temporary, cluster)
  syncFolder(dataDir)
  return cluster
}

function removeUnfinished(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    if (name.startsWith(unfinished)) rmSync(join(dataDir, name), { recursive: true, force: true, maxRetries: 5 })
  }
}

async function initialise(folder: string, binaries: Binaries, runAs: RunAs, durable: boolean): Promise<void> {
  const args = ['-D', folder, '-U', superuser, '--auth-local=trust', '--auth-host=reject', '--encoding=UTF8']
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions')
  if (!durable) args.push('--no-sync')
  const { file, args: all, options } = commandAs(runAs, binaries.env, binaries.initdb, args)
  try {
    await promisify(execFile)(file, all, options)
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause)
    throw new Error(`The database could not be set up in ${folder}: ${said}`, { cause })
  }
}

function requireMajor(cluster: string, major: string): void {
  const found = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim()
  if (found === major) return
  throw new Error(
    `The database in ${cluster} was made by PostgreSQL ${found}, and this release brings PostgreSQL ${major}, which ` +
      'cannot open it. Start the Breakwater release that made it, or move the data to a PostgreSQL server and set ' +
      'BREAKWATER_DATABASE_URL.',
  )
}

function requireOwner(cluster: string, { owner, identity }: RunAs): void {
  const found = statSync(cluster).uid
  if (found === owner) return
  if (process.getuid?.() === 0) {
    // The cluster's own folder is changed last, so an interrupted change is taken up again.
    execFileSync('chown', ['-R', `${owner}:${identity?.gid ?? 0}`, cluster])
    return
  }
  throw foreignOwner(cluster, found)
}

/** Throws unless this process may make `folder` its private one: it owns it, or is root. */
export function requireOwnFolder(folder: string): void {
  const found = statSync(folder).uid
  const uid = process.getuid?.()
  if (uid !== 0 && uid !== found) throw foreignOwner(folder, found)
}

function foreignOwner(folder: string, found: number): Error {
  const uid = process.getuid?.()
  return new Error(
    `The database folder ${folder} belongs to uid ${found}, and this server runs as uid ${uid}. Give it the folder ` +
      `(chown -R ${uid} ${folder}), start it as uid ${found}, or set BREAKWATER_DATA_DIR to another folder.`,
  )
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
